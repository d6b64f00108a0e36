//! A kit that listens: the stages, the server, and the verdicts as they come.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::serve::ListenerExt as _;
use switchboard::Clock;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::conformance::page;
use crate::conformance::play::Play;
use crate::conformance::server::{Site, router};
use crate::conformance::stage::Stage;
use crate::conformance::verdict::Verdict;
use crate::issuer::{Audience, Issuer};

/// How to run a kit.
#[derive(Debug)]
pub struct KitOptions {
    /// Where to listen; port 0 chooses a free one.
    pub listen: SocketAddr,
    /// The plays that are on.
    pub plays: Vec<&'static Play>,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
}

/// Why a kit does not start. Reads on after "failed to".
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// The address is taken, or not one of this machine.
    #[error("listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The issuer's key.
    #[error("make the key that tokens are signed with")]
    Issuer(#[from] crate::issuer::IssuerError),
}

/// A kit that listens. Dropped, it is cut off where it stands.
#[derive(Debug)]
pub struct Kit {
    address: SocketAddr,
    verdicts: mpsc::UnboundedReceiver<Verdict>,
    site: Arc<Site>,
    tasks: JoinSet<()>,
}

impl Drop for Kit {
    fn drop(&mut self) {
        self.site.stop.cancel();
    }
}

impl Kit {
    /// Starts to listen. When it returns, the plays are on.
    pub async fn start(options: KitOptions) -> Result<Self, KitError> {
        let listen = options.listen;
        let refused = |source| KitError::Listen {
            address: listen,
            source,
        };
        let listener = TcpListener::bind(listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let (told, verdicts) = mpsc::unbounded_channel();
        let (mut tasks, mut plays) = (JoinSet::new(), BTreeMap::new());
        for play in &options.plays {
            let (calls, taken) = Stage::line();
            let stage = Stage::new(play, Arc::clone(&options.clock), told.clone());
            tasks.spawn(stage.play(taken));
            plays.insert(play.name, calls);
        }
        let site = Arc::new(Site {
            page: page::text(&options.plays, address),
            plays,
            issuer: Issuer::open(None, Audience::default())?,
            clock: options.clock,
            connections: TaskTracker::new(),
            stop: CancellationToken::new(),
        });
        let listener = listener.tap_io(|io| {
            if let Err(error) = io.set_nodelay(true) {
                tracing::debug!(%error, "a socket was gone before it was set up");
            }
        });
        let router = router(&site);
        tasks.spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the listener failed");
            }
        });
        Ok(Self {
            address,
            verdicts,
            site,
            tasks,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The verdict of the next play that ends.
    pub async fn verdict(&mut self) -> Option<Verdict> {
        self.verdicts.recv().await
    }

    /// Stops: every connection is cut.
    pub async fn stop(mut self) {
        self.site.stop.cancel();
        self.site.connections.close();
        self.site.connections.wait().await;
        self.tasks.shutdown().await;
    }
}
