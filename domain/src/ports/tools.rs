//! Tools of the business: what the assistant may look up or have done in other systems.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::identifier::words;

words! {
    /// How well a person must be proven before a tool is used for them.
    Needed {
        /// Not at all: what it tells is public.
        Anonymous = "anonymous",
        /// By the door they write on.
        Asserted = "asserted",
        /// By token or one-time code.
        Proven = "proven",
        /// By a one-time code of the last minutes, given for this one use.
        Fresh = "fresh",
    }
}

words! {
    /// Who has to say yes before a tool with an effect is used.
    Approval {
        /// Nobody: it only looks up.
        Nobody = "nobody",
        /// The customer, asked in our words.
        Customer = "customer",
        /// A teammate.
        Teammate = "teammate",
    }
}

/// A tool as it was configured.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolSpec {
    /// Its name: `shop.cancelSubscription`.
    pub name: String,
    /// What it does, in a few words that people may read.
    pub about: String,
    /// JSON schema of its arguments, an object.
    pub arguments: Value,
    /// Arguments that code fills in from the person's own record, whatever a model proposes: name and which identifier.
    pub own: Vec<(String, Own)>,
    /// How well the person must be proven.
    pub needs: Needed,
    /// Who has to say yes.
    pub approval: Approval,
}

words! {
    /// What of the person's own record an argument is.
    Own {
        /// The business's own id of them.
        ExternalId = "external_id",
        /// Their email, as a door or the business named it.
        Email = "email",
        /// Their phone, as a door or the business named it.
        Phone = "phone",
    }
}

/// Why a tool did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ToolError {
    /// Nobody has such a tool, or these are no arguments for it. Nothing was asked of anybody.
    #[error("refused: {0}")]
    Refused(String),
    /// The other system said no.
    #[error("the other system refused: {0}")]
    Declined(String),
    /// It could not be reached, or not in time; it may have happened, and may be asked again under the same key.
    #[error("no answer: {0}")]
    Unknown(String),
}

/// The tools of one workspace.
#[async_trait]
pub trait Tools: Send + Sync {
    /// All that can be used now. What a server lists itself is asked for again every so often; a server that does not answer in
    /// its time is left out.
    async fn specs(&self) -> Arc<[ToolSpec]>;

    /// Are these arguments that the tool takes? Nothing is asked of anybody.
    fn check(&self, name: &str, arguments: &Value) -> Result<(), ToolError>;

    /// Uses a tool. `key` names this one use: the other system takes it once, however often it is asked. Must keep to the tool's
    /// deadline and to a bounded answer, and reach no address but the configured one.
    async fn call(&self, name: &str, arguments: &Value, key: &str) -> Result<Value, ToolError>;
}
