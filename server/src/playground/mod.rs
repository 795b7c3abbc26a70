//! The playground: a newcomer plays a customer on every door side by side, through the real connectors.
//!
//! The page knows personas; a persona has a phone number, a Telegram account and a browser. What the vendors would
//! carry between a phone and this server is carried by [`Phones`].

mod api;
pub mod persona;
pub mod phones;
mod state;
mod stream;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::WorkspaceId;

use crate::app::Shared;
use crate::problem::Problem;
use persona::{Board, Persona};
use phones::{Phones, Shown};

pub use api::router;

/// The playground's own state.
pub struct Playground {
    /// Where it plays.
    pub workspace: WorkspaceId,
    /// The simulated vendors, when there are any.
    phones: Option<Arc<dyn Phones>>,
    /// May other machines look?
    is_public: bool,
    boards: Mutex<HashMap<String, Arc<Board>>>,
}

impl Playground {
    /// A playground over a workspace.
    pub fn new(workspace: WorkspaceId, phones: Option<Arc<dyn Phones>>, is_public: bool) -> Arc<Self> {
        Arc::new(Self { workspace, phones, is_public, boards: Mutex::default() })
    }

    fn boards(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Board>>> {
        self.boards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new made-up person.
    async fn invent(&self, app: &Shared) -> Result<Arc<Board>, Problem> {
        let persona = Persona::invent(app);
        persona.keep(app).await?;
        let board = Arc::new(Board::new(persona));
        self.boards().insert(board.id(), Arc::clone(&board));
        Ok(board)
    }

    /// A persona's board; after a restart it is read back with what its doors remember.
    async fn board(&self, app: &Shared, id: &str) -> Result<Arc<Board>, Problem> {
        if let Some(known) = self.boards().get(id) {
            return Ok(Arc::clone(known));
        }
        let persona = Persona::find(app, id).await?.ok_or_else(Problem::not_found)?;
        let board = Arc::new(Board::new(persona));
        state::remember(app, &self.workspace, &board).await?;
        Ok(Arc::clone(self.boards().entry(id.to_owned()).or_insert(board)))
    }

    /// The widget of a persona's website phone has said whose it is.
    pub async fn tie(&self, app: &Shared, tag: &str, visitor: &str) -> domain::ports::Stored<()> {
        let Ok(board) = self.board(app, tag).await else { return Ok(()) };
        let persona = board.tie(visitor);
        persona.keep(app).await?;
        board.ring();
        Ok(())
    }

    /// Puts what vendors were asked to show on the board of its phone.
    pub async fn run(self: Arc<Self>, app: Arc<Shared>) {
        let Some(phones) = &self.phones else { return };
        let mut shown = phones.shown();
        loop {
            let next = tokio::select! {
                next = shown.recv() => next,
                () = app.stopped() => return,
            };
            match next {
                Ok(shown) => self.show(&shown, app.now()),
                Err(tokio::sync::broadcast::error::RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "the playground fell behind its phones");
                }
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    fn show(&self, shown: &Shown, now: domain::Timestamp) {
        let board = self.boards().values().find(|board| board.has(shown.channel, &shown.address)).cloned();
        if let Some(board) = board {
            board.show(shown, now);
        }
    }
}
