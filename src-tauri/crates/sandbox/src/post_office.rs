//! A mail server that keeps what it is given: as much SMTP as a letter needs, and a temper to be tried with.
//!
//! It speaks without encryption, so it is for this computer only.

use base64::Engine as _;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How it behaves.
#[derive(Debug, Clone, Default)]
pub struct Temper {
    /// Who may sign in, and with what; without it nobody is asked to.
    pub user: Option<(String, String)>,
    /// What it answers to a command that begins so, instead of taking it (`MAIL`, `RCPT`, `DATA`, `.` for the letter).
    pub refuses: Option<(&'static str, &'static str)>,
    /// It takes a letter and hangs up without a word.
    pub hangs_up: bool,
}

/// A letter it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Sender, as it was said in the conversation.
    pub from: String,
    /// Recipients.
    pub to: Vec<String>,
    /// The letter, with its head.
    pub text: String,
}

#[derive(Default)]
struct State {
    temper: Temper,
    letters: Vec<Received>,
}

/// The server. It ends when it is dropped.
pub struct PostOffice {
    /// Where it listens, on `127.0.0.1`.
    pub port: u16,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl PostOffice {
    /// Opens it.
    pub async fn open(temper: Temper) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(Mutex::new(State { temper, ..State::default() }));
        let shared = state.clone();
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                // A client that goes away in the middle is no matter of the server's.
                tokio::spawn(talk(socket, shared.clone()));
            }
        });
        Ok(Self { port, state, task })
    }

    /// It behaves so from now on.
    pub fn set(&self, temper: Temper) {
        self.locked().temper = temper;
    }

    /// What it took so far.
    pub fn letters(&self) -> Vec<Received> {
        self.locked().letters.clone()
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn talk(socket: TcpStream, state: Arc<Mutex<State>>) -> std::io::Result<()> {
    let temper = state.lock().unwrap_or_else(PoisonError::into_inner).temper.clone();
    let (read, mut write) = socket.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut letter = Received { from: String::new(), to: Vec::new(), text: String::new() };
    let mut signed_in = temper.user.is_none();
    write.write_all(b"220 post.example ready\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let refusal = temper.refuses.filter(|(of, _)| *of == verb).map(|(_, answer)| format!("{answer}\r\n"));
        let answer = match verb.as_str() {
            _ if refusal.is_some() => refusal.unwrap_or_default(),
            "EHLO" if temper.user.is_some() => {
                "250-post.example\r\n250-SIZE 1000000\r\n250 AUTH PLAIN LOGIN\r\n".into()
            }
            "EHLO" => "250-post.example\r\n250 SIZE 1000000\r\n".into(),
            "AUTH" => {
                let typed = base64::engine::general_purpose::STANDARD
                    .decode(line.rsplit(' ').next().unwrap_or_default())
                    .unwrap_or_default();
                let typed = String::from_utf8_lossy(&typed).into_owned();
                let wanted = temper.user.as_ref().map(|(user, password)| format!("\0{user}\0{password}"));
                signed_in = wanted.as_deref() == Some(typed.as_str());
                if signed_in {
                    "235 2.7.0 welcome\r\n".into()
                } else {
                    // Some servers repeat what they were told.
                    format!("535 5.7.8 not accepted: {}\r\n", typed.replace('\0', " "))
                }
            }
            "MAIL" if !signed_in => "530 5.7.0 sign in first\r\n".into(),
            "MAIL" => {
                letter.from = bracketed(&line);
                "250 2.1.0 ok\r\n".into()
            }
            "RCPT" => {
                letter.to.push(bracketed(&line));
                "250 2.1.5 ok\r\n".into()
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    letter.text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    letter.text.push('\n');
                }
                if let Some((_, answer)) = temper.refuses.filter(|(of, _)| *of == ".") {
                    format!("{answer}\r\n")
                } else {
                    state.lock().unwrap_or_else(PoisonError::into_inner).letters.push(letter.clone());
                    if temper.hangs_up {
                        return Ok(());
                    }
                    "250 2.0.0 taken\r\n".into()
                }
            }
            "QUIT" => {
                write.write_all(b"221 2.0.0 goodbye\r\n").await?;
                return Ok(());
            }
            _ => "502 5.5.1 not known\r\n".into(),
        };
        write.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

fn bracketed(line: &str) -> String {
    line.split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or_else(String::new, |(inner, _)| inner.to_owned())
}
