//! SIP over TCP: lines that others open to us. Those to the trunk that takes our calls are opened by the stack.
//!
//! <https://www.rfc-editor.org/rfc/rfc3261#section-18>

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rsipstack::sip::Transport;
use rsipstack::transport::tcp::TcpConnection;
use rsipstack::transport::{SipAddr, SipConnection};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::settings::Over;
use super::trunk::Ground;

/// Lines at the same time; more are closed at once.
const MOST_LINES: usize = 512;
/// Lines of one address that is no trunk's.
const MOST_OF_A_STRANGER: usize = 8;
/// After a line could not be taken, as when there are no more files to open.
const AGAIN: Duration = Duration::from_millis(200);
/// The longest silence on a line: longer than any call.
pub(super) const LONGEST_SILENCE: Duration = Duration::from_mins(70);

pub(super) fn address(over: Over, address: SocketAddr) -> SipAddr {
    let transport = match over {
        Over::Udp => Transport::Udp,
        Over::Tcp => Transport::Tcp,
    };
    SipAddr { r#type: Some(transport), addr: address.into() }
}

/// Counts a line of an address as long as it stands.
struct Line(Arc<Mutex<HashMap<IpAddr, usize>>>, IpAddr);

impl Line {
    fn one_more(lines: &Arc<Mutex<HashMap<IpAddr, usize>>>, of: IpAddr, most: usize) -> Option<Self> {
        let mut counts = lines.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.values().sum::<usize>() >= MOST_LINES || counts.get(&of).copied().unwrap_or(0) >= most {
            return None;
        }
        *counts.entry(of).or_default() += 1;
        Some(Self(Arc::clone(lines), of))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.1);
            }
        }
    }
}

/// Takes lines as long as it runs.
pub(super) async fn take(ground: Arc<Ground>, listener: TcpListener) {
    let lines = Arc::default();
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, from)) = accepted else {
                    tokio::time::sleep(AGAIN).await;
                    continue;
                };
                let most = if ground.settings.is_trunk(from.ip()) { MOST_LINES } else { MOST_OF_A_STRANGER };
                if !ground.may_speak(from.ip()) {
                    continue;
                }
                if let Some(line) = Line::one_more(&lines, from.ip(), most) {
                    let ground = Arc::clone(&ground);
                    open.spawn(async move {
                        stand(&ground, stream).await;
                        drop(line);
                    });
                }
            }
            Some(_) = open.join_next() => {}
        }
    }
}

/// A line that others have opened, until it is closed.
async fn stand(ground: &Ground, stream: TcpStream) {
    let closed = ground.cancel.child_token();
    let local = address(Over::Tcp, ground.reached_at(Over::Tcp));
    match TcpConnection::from_stream(stream, local, Some(closed.clone())) {
        Ok(connection) => {
            ground.layer.endpoint.transport_layer.add_connection(SipConnection::Tcp(connection));
            closed.cancelled().await;
        }
        Err(error) => tracing::debug!(%error, "a line was closed before it stood"),
    }
}
