//! The accept loop: bounded connections, TLS, HTTP/1.1 and HTTP/2, and an end that lets requests in flight finish.

#[cfg(test)]
mod tests;

use crate::{limits::Limits, tls::Tls};
use axum::{Router, http::Request};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto::Builder,
        graceful::{GracefulShutdown, Watcher},
    },
    service::TowerToHyperService,
};
use std::{net::IpAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tower::ServiceExt;

/// The address at the other end of the connection; it stands in each request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// What a connection is served with.
#[derive(Clone)]
pub struct Serving {
    /// The routes, with the gate around them.
    pub app: Router,
    /// With it, only TLS is spoken.
    pub tls: Option<Tls>,
    /// How much may come in.
    pub limits: Limits,
    /// How long requests in flight may still take once the end has begun.
    pub grace: Duration,
}

/// Serves until `end` comes, then takes no new connection and returns when the requests in flight are done or their
/// grace has run out.
pub async fn serve(listener: TcpListener, serving: Serving, end: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(serving.limits.connections));
    let (graceful, builder) = (GracefulShutdown::new(), builder(&serving.limits));
    let mut end = std::pin::pin!(end);
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut end => break,
        };
        let Ok((stream, peer)) = accepted else {
            // Out of file handles, most likely: some have to be given back first.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (serving, builder, watcher) = (serving.clone(), builder.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _place = place;
            greet(stream, Peer(peer.ip()), &serving, builder, watcher).await;
        });
    }
    drop(listener);
    if timeout(serving.grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests in flight were cut off: their grace has run out");
    }
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(limits.greeting_ms))
        // The gate refuses with a clear text first; this is the wall behind it.
        .max_buf_size(4 * (limits.header_bytes + limits.uri_bytes))
        .pipeline_flush(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(4 * limits.header_bytes).unwrap_or(u32::MAX))
        .max_concurrent_streams(128)
        .keep_alive_interval(Duration::from_secs(30));
    builder
}

async fn greet(
    stream: TcpStream,
    peer: Peer,
    serving: &Serving,
    builder: Builder<TokioExecutor>,
    watcher: Watcher,
) {
    // Without it, a keep-alive client waits for its small response.
    let _ = stream.set_nodelay(true);
    let Some(tls) = &serving.tls else {
        return talk(stream, peer, serving, &builder.http1_only(), watcher).await;
    };
    let patience = Duration::from_millis(serving.limits.greeting_ms);
    let Ok(Ok(stream)) = timeout(patience, tls.0.accept(stream)).await else { return };
    // The protocol is agreed on in the handshake; guessing it from the first bytes would wait for them without end.
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let builder = if is_http2 { builder.http2_only() } else { builder.http1_only() };
    talk(stream, peer, serving, &builder, watcher).await;
}

async fn talk<S>(stream: S, peer: Peer, serving: &Serving, builder: &Builder<TokioExecutor>, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let app = serving.app.clone().map_request(move |mut request: Request<_>| {
        request.extensions_mut().insert(peer);
        request
    });
    let service = TowerToHyperService::new(app);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    // A connection that breaks is the client's affair; what it asked for is in the log line of its request.
    let _ = watcher.watch(connection.into_owned()).await;
}
