//! Connections that can be cut as a network would cut them: one from within its request, or all of them for a while.

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// Cuts one connection.
#[derive(Debug, Clone, Default)]
pub struct Breaker(Arc<AtomicBool>);

impl Breaker {
    /// Nothing more goes out: the client sees a connection that ended without an answer.
    pub fn cut(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
    fn check(&self) -> io::Result<()> {
        if self.0.load(Ordering::Relaxed) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

/// How the network to the accounts fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Nobody listens: connections are refused at once, those there are end.
    Refuse,
    /// A black hole: connections are accepted, and nothing goes either way until it is mended.
    Silent,
    /// Connections end in the middle of what they carry, half of them while they ask and half while they are answered.
    Reset,
}

/// The network to all accounts: whole, or cut in one way.
#[derive(Debug, Default)]
pub struct Network {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    cut: Option<Cut>,
    /// Connections there were.
    connections: u64,
    /// Who is to look again when it changes.
    waiting: BTreeMap<(u64, Way), Waker>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    In,
    Out,
}

impl Network {
    /// Cuts it, or mends it.
    pub fn set(&self, cut: Option<Cut>) {
        let waiting = {
            let mut state = self.state();
            state.cut = cut;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_values().for_each(Waker::wake);
        self.changed.notify_waiters();
    }
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn is(&self, cut: Cut) -> bool {
        self.state().cut == Some(cut)
    }
    /// How it is now; whoever asks is woken when that changes.
    fn look(&self, connection: u64, way: Way, context: &Context<'_>) -> Option<Cut> {
        let mut state = self.state();
        state.waiting.insert((connection, way), context.waker().clone());
        state.cut
    }
}

/// Accepts connections that can be cut.
pub struct BreakableListener {
    /// `None`: nobody listens.
    listener: Option<TcpListener>,
    address: SocketAddr,
    network: Arc<Network>,
}

impl BreakableListener {
    /// Part of a network.
    pub fn new(listener: TcpListener, network: Arc<Network>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        Ok(Self { listener: Some(listener), address, network })
    }
}

/// One connection.
pub struct BreakableStream {
    stream: TcpStream,
    breaker: Breaker,
    network: Arc<Network>,
    /// Its number in the network.
    number: u64,
    /// It was cut in the middle: nothing follows, whatever becomes of the network.
    torn: bool,
}

impl BreakableStream {
    fn new(stream: TcpStream, network: Arc<Network>) -> Self {
        let number = {
            let mut state = network.state();
            state.connections += 1;
            state.connections
        };
        Self { stream, breaker: Breaker::default(), network, number, torn: false }
    }
    /// Which way it is cut in.
    fn torn_way(&self) -> Way {
        if self.number.is_multiple_of(2) { Way::In } else { Way::Out }
    }
    /// What the network does to it now.
    fn fate(&self, way: Way, context: &Context<'_>) -> Fate {
        if self.torn {
            return Fate::Ends;
        }
        match self.network.look(self.number, way, context) {
            Some(Cut::Silent) => Fate::Waits,
            Some(Cut::Refuse) => Fate::Ends,
            Some(Cut::Reset) if self.torn_way() == way => Fate::Tears,
            None | Some(Cut::Reset) => Fate::Goes,
        }
    }
}

/// What becomes of a read or a write.
enum Fate {
    Goes,
    Waits,
    Ends,
    /// Half of it goes, and nothing after that.
    Tears,
}

fn ended() -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}

impl Drop for BreakableStream {
    fn drop(&mut self) {
        let mut state = self.network.state();
        for way in [Way::In, Way::Out] {
            state.waiting.remove(&(self.number, way));
        }
    }
}

impl Listener for BreakableListener {
    type Io = BreakableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let network = Arc::clone(&self.network);
            // Made before the look: a change after it is not missed.
            let changed = network.changed.notified();
            if network.is(Cut::Refuse) {
                // With the port closed the kernel refuses by itself.
                self.listener = None;
                changed.await;
                continue;
            }
            let Some(listener) = self.listener.as_mut() else {
                match TcpListener::bind(self.address).await {
                    Ok(listener) => self.listener = Some(listener),
                    // A passing connection of this computer has the port for a moment.
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
                continue;
            };
            tokio::select! {
                (stream, address) = Listener::accept(listener) => {
                    return (BreakableStream::new(stream, Arc::clone(&self.network)), address);
                }
                () = changed => {}
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}

impl Connected<IncomingStream<'_, BreakableListener>> for Breaker {
    fn connect_info(stream: IncomingStream<'_, BreakableListener>) -> Self {
        stream.io().breaker.clone()
    }
}

impl AsyncRead for BreakableStream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let fate = this.fate(Way::In, context);
        match fate {
            Fate::Waits => return Poll::Pending,
            Fate::Ends => return Poll::Ready(Err(ended())),
            Fate::Goes | Fate::Tears => {}
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        let came = buffer.filled().len() - before;
        if matches!(fate, Fate::Tears) && came > 0 {
            this.torn = true;
            if came == 1 {
                return Poll::Ready(Err(ended()));
            }
            buffer.set_filled(before + came / 2);
        }
        read
    }
}

impl AsyncWrite for BreakableStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.breaker.check()?;
        match this.fate(Way::Out, context) {
            Fate::Waits => Poll::Pending,
            Fate::Ends => Poll::Ready(Err(ended())),
            Fate::Goes => Pin::new(&mut this.stream).poll_write(context, bytes),
            Fate::Tears => {
                let half = bytes.get(..bytes.len().div_ceil(2)).unwrap_or(bytes);
                let written = Pin::new(&mut this.stream).poll_write(context, half);
                this.torn = written.is_ready();
                written
            }
        }
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.breaker.check()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
    // Not vectored: an answer is one piece, and half of it is the middle of its body.
}
