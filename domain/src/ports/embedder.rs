//! The port of vectors: how near two texts are in meaning.

use std::time::Duration;

use async_trait::async_trait;

use super::ModelError;

/// Turns texts into vectors. Without one, recall goes by words alone, and so it does whenever this one fails.
#[async_trait]
pub trait Embedder: Send + Sync {
    /// Names the model: vectors of another one are not comparable and are made anew.
    fn name(&self) -> &str;

    /// One vector per text, in their order, all of one length. May be repeated; must honour `deadline`.
    async fn embed(&self, texts: &[String], deadline: Duration) -> Result<Vec<Vec<f32>>, ModelError>;
}
