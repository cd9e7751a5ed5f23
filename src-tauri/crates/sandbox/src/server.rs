//! The sandbox over HTTP on loopback: one port per account, and one to steer it.
//!
//! Answers wait as long as the sandbox says; a dropped reply breaks the
//! connection without an answer. Everything listens on 127.0.0.1 only.
//!
//! The control port answers `GET /ledger`, `GET /truth`, `GET /accounts`,
//! `GET /now`, `POST /faults` (a [`FaultPlan`]), `POST /buy` (a [`Purchase`]), `POST /return` (a [`Sending`]) and `POST /advance`
//! (`{"ms": 60000}`: the sandbox's clock jumps forward) to whoever shows the token
//! of this run as `Authorization: Bearer …`. Tests in other processes steer by it.

mod pipe;

use crate::merchant::on_request::{Purchase, Sending};
use crate::{Account, FaultPlan, Reply, Sandbox};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
pub use pipe::Cut;
use pipe::{BreakableListener, Breaker, Network};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Largest request that is read, bytes.
const BODY_MAX: usize = 64 * 1024 * 1024;

/// The sandbox's time: it begins somewhere and runs at some speed.
#[derive(Debug)]
pub struct SandboxClock {
    real_start: Instant,
    sandbox_start_ms: i64,
    /// Sandbox seconds per real second.
    speed: f64,
    /// Jumps ahead so far, ms.
    jumped_ms: AtomicI64,
}

impl SandboxClock {
    /// As fast as life, beginning at that moment (ms UTC).
    pub fn real(start_ms: i64) -> Self {
        Self::fast(start_ms, 1.0)
    }
    /// So many sandbox seconds per real second, beginning at that moment (ms UTC).
    pub fn fast(start_ms: i64, speed: f64) -> Self {
        Self { real_start: Instant::now(), sandbox_start_ms: start_ms, speed, jumped_ms: AtomicI64::new(0) }
    }
    /// Now, ms UTC.
    pub fn now_ms(&self) -> i64 {
        let passed_ms = self.real_start.elapsed().as_secs_f64() * 1000.0 * self.speed;
        self.sandbox_start_ms + passed_ms as i64 + self.jumped_ms.load(Ordering::Relaxed)
    }
    /// Goes forward at once.
    pub fn jump(&self, ms: i64) {
        self.jumped_ms.fetch_add(ms.max(0), Ordering::Relaxed);
    }
    fn wait(&self, sandbox_ms: u64) -> Duration {
        Duration::from_secs_f64(sandbox_ms as f64 / 1000.0 / self.speed.max(0.001))
    }
}

/// Where to steer the sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// `http://127.0.0.1:PORT`.
    pub base_url: String,
    /// Goes into `Authorization: Bearer …`.
    pub token: String,
}

/// What a port file holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PortFile {
    /// Every account with its address and credentials.
    pub accounts: Vec<Account>,
    /// Where to steer.
    pub control: Control,
}

/// A sandbox that is being served. It ends when this is dropped or shut down.
pub struct Running {
    /// Every account, with the address it is served at.
    pub accounts: Vec<Account>,
    /// Where to steer it.
    pub control: Control,
    world: Arc<World>,
    network: Arc<Network>,
    tasks: JoinSet<()>,
}

impl Running {
    /// Closes all ports. Requests that are being answered break.
    pub fn shut_down(mut self) {
        self.tasks.abort_all();
    }
    /// Its time, ms UTC.
    pub fn now_ms(&self) -> i64 {
        self.world.clock.now_ms()
    }
    /// Looks at or changes the sandbox while it is served.
    pub fn with<R>(&self, look: impl FnOnce(&mut Sandbox) -> R) -> R {
        let mut sandbox = self.world.sandbox();
        sandbox.advance(self.world.clock.now_ms());
        look(&mut sandbox)
    }
    /// The network to every account fails so until it is mended; the control port stays open.
    pub fn cut(&self, cut: Cut) {
        self.network.set(Some(cut));
    }
    /// The network is whole again.
    pub fn mend(&self) {
        self.network.set(None);
    }
    /// Time goes forward at once, and life with it.
    pub fn jump(&self, ms: i64) {
        self.world.clock.jump(ms);
        self.with(|_| ());
    }
    /// What a client in another process needs.
    pub fn port_file(&self) -> PortFile {
        PortFile { accounts: self.accounts.clone(), control: self.control.clone() }
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("accounts", &self.accounts.len()).finish_non_exhaustive()
    }
}

struct World {
    sandbox: Mutex<Sandbox>,
    clock: SandboxClock,
    token: String,
}

impl World {
    /// A panic in one request must not end the demo: the data is whole after every request.
    fn sandbox(&self) -> MutexGuard<'_, Sandbox> {
        self.sandbox.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Serves every account on a free port of 127.0.0.1.
pub async fn serve(sandbox: Sandbox, clock: SandboxClock) -> std::io::Result<Running> {
    let mut accounts = sandbox.accounts();
    let token = uuid::Uuid::new_v4().simple().to_string();
    let world = Arc::new(World { sandbox: Mutex::new(sandbox), clock, token: token.clone() });
    let network = Arc::new(Network::default());
    let mut tasks = JoinSet::new();
    for account in &mut accounts {
        let (listener, base_url) = listen().await?;
        account.base_url = base_url;
        let state = Served { world: Arc::clone(&world), account: account.name.clone() };
        let app = Router::new().fallback(answer).with_state(state).into_make_service_with_connect_info::<Breaker>();
        let listener = BreakableListener::new(listener, Arc::clone(&network))?;
        tasks.spawn(async move {
            if let Err(error) = axum::serve(listener, app).await {
                tracing::error!(%error, "a stand-in stopped listening");
            }
        });
    }
    let (listener, base_url) = listen().await?;
    let app = Router::new()
        .route("/ledger", get(ledger))
        .route("/truth", get(truth))
        .route("/accounts", get(ports))
        .route("/now", get(now))
        .route("/faults", post(faults))
        .route("/buy", post(buy))
        .route("/return", post(send_back))
        .route("/advance", post(advance))
        .with_state(Steered { world: Arc::clone(&world), accounts: accounts.clone() });
    tasks.spawn(async move {
        if let Err(error) = axum::serve(listener, app).await {
            tracing::error!(%error, "the control port stopped listening");
        }
    });
    Ok(Running { accounts, control: Control { base_url, token }, world, network, tasks })
}

async fn listen() -> std::io::Result<(TcpListener, String)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let base_url = format!("http://{}", listener.local_addr()?);
    Ok((listener, base_url))
}

#[derive(Clone)]
struct Served {
    world: Arc<World>,
    account: String,
}

async fn answer(
    State(served): State<Served>,
    ConnectInfo(breaker): ConnectInfo<Breaker>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let request = http::Request::from_parts(head, body.to_vec());
    let world = &served.world;
    let reply = world.sandbox().handle(&served.account, &request, world.clock.now_ms());
    match reply {
        Reply::Answer { response, after_ms } => {
            tokio::time::sleep(world.clock.wait(after_ms)).await;
            let (head, body) = response.into_parts();
            Response::from_parts(head, axum::body::Body::from(body))
        }
        Reply::Dropped { after_ms } => {
            tokio::time::sleep(world.clock.wait(after_ms)).await;
            breaker.cut();
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[derive(Clone)]
struct Steered {
    world: Arc<World>,
    accounts: Vec<Account>,
}

impl Steered {
    /// The sandbox, brought up to now, for whoever shows the token.
    fn enter(&self, headers: &http::HeaderMap) -> Result<MutexGuard<'_, Sandbox>, StatusCode> {
        let shown = headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if shown.and_then(|value| value.strip_prefix("Bearer ")) != Some(self.world.token.as_str()) {
            return Err(StatusCode::UNAUTHORIZED);
        }
        let mut sandbox = self.world.sandbox();
        sandbox.advance(self.world.clock.now_ms());
        Ok(sandbox)
    }
}

type Steer = Result<Response, StatusCode>;

async fn ledger(State(steered): State<Steered>, headers: http::HeaderMap) -> Steer {
    let sandbox = steered.enter(&headers)?;
    Ok(axum::Json(&sandbox.ledger).into_response())
}

async fn truth(State(steered): State<Steered>, headers: http::HeaderMap) -> Steer {
    let sandbox = steered.enter(&headers)?;
    Ok(axum::Json(&sandbox.truth).into_response())
}

async fn ports(State(steered): State<Steered>, headers: http::HeaderMap) -> Steer {
    drop(steered.enter(&headers)?);
    Ok(axum::Json(&steered.accounts).into_response())
}

async fn now(State(steered): State<Steered>, headers: http::HeaderMap) -> Steer {
    let now_ms = steered.enter(&headers)?.now_ms();
    Ok(axum::Json(serde_json::json!({ "nowMs": now_ms })).into_response())
}

async fn faults(State(steered): State<Steered>, headers: http::HeaderMap, body: Bytes) -> Steer {
    let plan: FaultPlan = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    steered.enter(&headers)?.faults = plan;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn buy(State(steered): State<Steered>, headers: http::HeaderMap, body: Bytes) -> Steer {
    let purchase: Purchase = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let bought = steered.enter(&headers)?.buy(&purchase).ok_or(StatusCode::NOT_FOUND)?;
    Ok(axum::Json(bought).into_response())
}

async fn send_back(State(steered): State<Steered>, headers: http::HeaderMap, body: Bytes) -> Steer {
    let sending: Sending = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let sent = steered.enter(&headers)?.send_back(&sending).ok_or(StatusCode::NOT_FOUND)?;
    Ok(axum::Json(sent).into_response())
}

#[derive(Deserialize)]
struct Jump {
    ms: i64,
}

async fn advance(State(steered): State<Steered>, headers: http::HeaderMap, body: Bytes) -> Steer {
    let jump: Jump = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let mut sandbox = steered.enter(&headers)?;
    steered.world.clock.jump(jump.ms);
    sandbox.advance(steered.world.clock.now_ms());
    let now_ms = sandbox.now_ms();
    Ok(axum::Json(serde_json::json!({ "nowMs": now_ms })).into_response())
}
