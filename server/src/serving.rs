//! The listener: serves the router until it is told to stop, then lets what runs end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{any, get, post};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;
use tower::ServiceExt;

use crate::app::App;
use crate::auth::peer::Peer;
use crate::problem::Problem;
use crate::tls::Tls;
use crate::{api, documents, health, hooks, jobs, mcp, metrics, playground, voice, web, widget, wiring};

/// Headers must be here by then.
const HEADER_PATIENCE: Duration = Duration::from_secs(10);
/// How long running requests may take after a stop.
const FAREWELL: Duration = Duration::from_secs(8);

/// Everything that is served.
pub fn router(app: &App) -> Router {
    let virtual_clock = app.settings.virtual_clock || app.playground.is_some();
    api::router(app)
        .merge(playground::router())
        .route("/hooks/{connection}", get(hooks::handle).post(hooks::handle))
        .route("/files/{link}", get(api::attachments::by_link))
        .route("/widget.js", get(web::widget_loader))
        .route("/widget/{file}", get(web::widget_file))
        .route("/widget/{connection}/socket", any(widget::socket::handle))
        .route("/widget/{connection}/files", post(widget::files::take).options(widget::files::preflight))
        .merge(voice::router())
        .merge(mcp::router(app))
        .route("/playground", get(web::playground))
        .route("/playground/", get(web::playground))
        .route("/playground/shop", get(web::shop))
        .route("/playground/shop.js", get(web::shop_script))
        .route("/documents/{opener}", get(documents::show))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::show))
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .fallback(web::console)
        .layer(from_fn_with_state(App::clone(app), metrics::count))
        .layer(from_fn(harden))
        .layer(from_fn_with_state((App::clone(app), virtual_clock), tell_clock))
        .with_state(App::clone(app))
}

/// Headers of every answer.
async fn harden(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    // A browser puts the headers of "not modified" onto the page it has stored, whose own policy must stand.
    if response.status() == StatusCode::NOT_MODIFIED {
        return response;
    }
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}

/// Whoever came encrypted once comes encrypted from then on (RFC 6797).
async fn insist(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    response
}

/// A rehearsal's answers say that its clock can be moved.
async fn tell_clock(axum::extract::State((app, is_virtual)): axum::extract::State<(App, bool)>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if is_virtual {
        let offset = HeaderValue::from(app.clock.offset().as_secs());
        response.headers_mut().insert(HeaderName::from_static("x-rapport-virtual-clock"), offset);
    }
    response
}

/// Binds the address.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    use anyhow::Context;
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}: choose another port, or stop what uses it"))
}

/// Serves until the server is told to stop, then ends jobs and connections.
pub async fn serve(app: App, listener: TcpListener) -> anyhow::Result<()> {
    let tls = app.settings.tls.clone().map(|files| Tls::open(files, &[b"http/1.1"])).transpose()?.map(Arc::new);
    let mut router = router(&app);
    let mut jobs = jobs::start(&app);
    if let Some(tls) = &tls {
        router = router.layer(from_fn(insist));
        let (tls, stop) = (Arc::clone(tls), App::clone(&app));
        jobs.spawn(async move {
            tokio::select! {
                () = tls.follow() => {}
                () = stop.stopped() => {}
            }
        });
    }
    let metrics_listener = match app.settings.metrics_listen {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    if let Some(listener) = metrics_listener {
        let metrics_app = App::clone(&app);
        let counters = Router::new().route("/metrics", get(move || async move { metrics::exposition(&metrics_app).await }));
        let stop = App::clone(&app);
        jobs.spawn(async move {
            accept(stop, listener, None, counters).await;
        });
    }
    // Off the way of requests: the listener answers meanwhile.
    let languages = app.languages();
    jobs.spawn_blocking(move || engine::reasoning::builtin::warm(&languages));
    let broken = tokio::spawn(stop_when_broken(App::clone(&app)));
    accept(App::clone(&app), listener, tls, router).await;
    broken.abort();
    let rest = async { while jobs.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, rest).await.is_err() {
        tracing::warn!("some work did not end in time; it goes on at the next start");
        jobs.abort_all();
    }
    if let Some(why) = app.storage.broken.borrow().as_ref() {
        anyhow::bail!(
            "the disk failed ({why}): the server has stopped, so that nothing is acknowledged that is not kept; start it again once the disk is sound"
        );
    }
    wiring::keep_time(&app).await;
    Ok(())
}

/// A disk that failed ends the server: whoever runs it must know, and a restart reads what is really there.
async fn stop_when_broken(app: App) {
    let mut broken = app.storage.broken.clone();
    // The sender lives as long as the storage: an error means that everything ends anyway.
    if broken.wait_for(Option::is_some).await.is_ok() {
        tracing::error!("the disk failed, stopping");
        app.stopping.send_replace(true);
    }
}

/// The stream that requests come by; `None` when the client did not keep to TLS.
async fn encrypted(tls: Option<&Tls>, stream: TcpStream) -> Option<Either<TcpStream, Box<TlsStream<TcpStream>>>> {
    match tls {
        None => Some(Either::Left(stream)),
        Some(tls) => tls.accept(stream).await.map(|stream| Either::Right(Box::new(stream))),
    }
}

async fn accept(app: App, listener: TcpListener, tls: Option<Arc<Tls>>, router: Router) {
    let mut connections: JoinSet<()> = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = app.stopped() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: breathe, then go on.
                tracing::warn!(%error, "a connection could not be accepted, going on");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Small answers leave at once.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            let router = router.clone();
            async move {
                let mut request = request.map(axum::body::Body::new);
                request.extensions_mut().insert(Peer(peer));
                let answer: Result<Response, Infallible> = router.oneshot(request).await;
                answer
            }
        });
        let (server, tls) = (App::clone(&app), tls.clone());
        connections.spawn(async move {
            let Some(stream) = encrypted(tls.as_deref(), stream).await else { return };
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(HEADER_PATIENCE).max_headers(100).max_buf_size(64 * 1024);
            let connection = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
            let mut connection = std::pin::pin!(connection);
            // Whoever breaks off a connection has their reasons: its error says nothing about us.
            tokio::select! {
                _ = connection.as_mut() => {}
                () = server.stopped() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = connection.await;
                }
            }
        });
    }
    drop(listener);
    let rest = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, rest).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
}

/// Stops the server on the usual signals; reloads the configuration on hang-up.
pub async fn watch_signals(app: App, reload: impl Fn() -> anyhow::Result<crate::config::Configuration> + Send + 'static) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hang_up)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()), signal(SignalKind::hangup()))
    else {
        tracing::warn!("signals cannot be watched, only kill stops this server");
        return;
    };
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            _ = hang_up.recv() => {
                let outcome = match reload() {
                    Ok(configuration) => wiring::rewire(&app, configuration).await,
                    Err(error) => Err(error),
                };
                match outcome {
                    Ok(()) => tracing::info!("the configuration was read again"),
                    Err(error) => tracing::error!("the configuration is not usable, the old one stays: {error:#}"),
                }
            }
        }
    }
    tracing::info!("stopping");
    app.stopping.send_replace(true);
}
