//! Privacy: a person's whole dossier, and the ways into an erasure.

use async_trait::async_trait;
use domain::customer::Customer;
use domain::event::BusinessEvent;
use domain::ports::{DecidedTurn, Dossier, Erasure, Holdings, OpenQuestion, OwedTask, Privacy, StoreError, Stored};
use domain::time::Timestamp;
use domain::turn::TimerKind;
use domain::{CustomerId, WorkspaceId};

use crate::db::{Conn, Row, args};
use crate::rows::{json, place};
use crate::sql::{identity as identity_sql, privacy as sql, record as record_sql, turns as turns_sql};
use crate::{Inner, Storage};

/// Name of the timer of an erasure that was put off.
pub(crate) const TIMER: &str = "erase";

/// Reads `workspace, customer, customers, strands, at`.
pub(crate) fn erasure(row: &Row) -> Stored<Erasure> {
    let broken = |error: serde_json::Error| StoreError::Corrupt(error.to_string());
    Ok(Erasure {
        workspace: WorkspaceId(row.text(0)?),
        customer: row.word(1)?,
        customers: serde_json::from_str(&row.text(2)?).map_err(broken)?,
        strands: serde_json::from_str(&row.text(3)?).map_err(broken)?,
        at: row.time(4)?,
    })
}

impl Inner {
    /// Loads everything of a root; the record itself has been read.
    async fn dossier(&self, conn: &mut Conn, workspace: &WorkspaceId, root: &str, customer: Customer) -> Stored<Dossier> {
        let mut dossier = Dossier {
            customer,
            ids: Vec::new(),
            names_seen: Vec::new(),
            doors: Vec::new(),
            conversations: Vec::new(),
            messages: Vec::new(),
            drafts: Vec::new(),
            turns: Vec::new(),
            escalations: Vec::new(),
            tasks: Vec::new(),
            links: Vec::new(),
            suggestions: Vec::new(),
            open_questions: Vec::new(),
        };
        for row in conn.all(record_sql::MEMBERS, args![workspace, root]).await? {
            let id = row.text(0)?;
            dossier.ids.push(row.word(0)?);
            for name in self.open_card(workspace, &id, &row.blob(4)?).await?.seen {
                if !dossier.names_seen.contains(&name) {
                    dossier.names_seen.push(name);
                }
            }
        }
        let rows = conn.all(record_sql::DOORS, args![workspace, root]).await?;
        dossier.doors = self.read_doors(workspace, &rows).await?;
        self.read_talk(conn, workspace, root, &mut dossier).await?;
        self.read_rest(conn, workspace, root, &mut dossier).await?;
        Ok(dossier)
    }

    async fn read_talk(&self, conn: &mut Conn, workspace: &WorkspaceId, root: &str, dossier: &mut Dossier) -> Stored<()> {
        for row in conn.all(sql::CONVERSATIONS, args![workspace, root]).await? {
            dossier.conversations.push(self.conversation(workspace, &row).await?);
        }
        let rows = conn.all(sql::MESSAGES, args![workspace, root]).await?;
        dossier.messages = self.messages(workspace, &rows).await?;
        for row in conn.all(sql::DRAFTS, args![workspace, root]).await? {
            dossier.drafts.push(row.word(0)?);
        }
        for row in conn.all(sql::TURNS, args![workspace, root]).await? {
            let id = row.text(0)?;
            dossier.turns.push(DecidedTurn {
                id: row.word(0)?,
                conversation: row.word(1)?,
                at: row.time(2)?,
                trace: self.unseal(&row.text(3)?, place(workspace, "turn", "body", &id), &row.blob(4)?).await?,
            });
        }
        for row in conn.all(sql::ESCALATIONS, args![workspace, root]).await? {
            dossier.escalations.push(self.escalation(workspace, &row).await?);
        }
        Ok(())
    }

    async fn read_rest(&self, conn: &mut Conn, workspace: &WorkspaceId, root: &str, dossier: &mut Dossier) -> Stored<()> {
        for row in conn.all(sql::TASKS, args![workspace, root]).await? {
            let id = row.text(0)?;
            dossier.tasks.push(OwedTask {
                id: row.word(0)?,
                what: self.unseal(&row.text(1)?, place(workspace, "task", "body", &id), &row.blob(2)?).await?,
                at: row.time(3)?,
                due_at: row.opt_time(4)?,
                done: row.flag(5)?,
            });
        }
        for row in conn.all(sql::LINKS, args![workspace, root]).await? {
            dossier.links.push(self.link(workspace, &row).await?);
        }
        for row in conn.all(sql::SUGGESTIONS, args![workspace, root]).await? {
            dossier.suggestions.push(crate::people::suggestion(&row)?);
        }
        for row in conn.all(sql::GAPS, args![workspace, root]).await? {
            let id = row.text(0)?;
            dossier.open_questions.push(OpenQuestion {
                question: self.unseal(&row.text(3)?, place(workspace, "gap", "body", &id), &row.blob(4)?).await?,
                last_at: row.time(1)?,
                message: row.word(2)?,
            });
        }
        dossier.customer.events.clear();
        for row in conn.all(sql::EVENTS, args![workspace, root]).await? {
            let id = row.text(0)?;
            let event: BusinessEvent = self.unseal(&row.text(1)?, place(workspace, "memory", "body", &id), &row.blob(2)?).await?;
            dossier.customer.events.push(event);
        }
        Ok(())
    }

    pub async fn erasure_of(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Option<Erasure>> {
        self.reader().await?.one(sql::ERASURE_OF, args![workspace, customer]).await?.as_ref().map(erasure).transpose()
    }

    pub async fn erasures(&self, statement: &'static str) -> Stored<Vec<Erasure>> {
        self.reader().await?.all(statement, args![]).await?.iter().map(erasure).collect()
    }
}

fn holdings(row: &Row) -> Stored<Holdings> {
    Ok(Holdings {
        identifiers: row.int(0)?,
        strands: row.int(1)?,
        conversations: row.int(2)?,
        messages: row.int(3)?,
        memories: row.int(4)?,
        turns: row.int(5)?,
        escalations: row.int(6)?,
        tasks: row.int(7)?,
        links: row.int(8)?,
    })
}

#[async_trait]
impl Privacy for Storage {
    async fn dossier(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Option<Dossier>> {
        let mut conn = self.inner.reader().await?;
        let Some(row) = conn.one(identity_sql::ROOT, args![workspace, customer]).await? else { return Ok(None) };
        let root = row.text(0)?;
        let Some(record) = self.inner.record(&mut conn, workspace, &root).await? else { return Ok(None) };
        self.inner.dossier(&mut conn, workspace, &root, record).await.map(Some)
    }

    async fn holdings(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Option<Holdings>> {
        let mut conn = self.inner.reader().await?;
        let Some(row) = conn.one(identity_sql::ROOT, args![workspace, customer]).await? else { return Ok(None) };
        let root = row.text(0)?;
        conn.one(sql::COUNTS, args![workspace, root]).await?.as_ref().map(holdings).transpose()
    }

    async fn alike(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Vec<CustomerId>> {
        let mut conn = self.inner.reader().await?;
        let Some(row) = conn.one(identity_sql::ROOT, args![workspace, customer]).await? else { return Ok(Vec::new()) };
        conn.all(sql::ALIKE, args![workspace, row.text(0)?]).await?.iter().map(|row| row.word(0)).collect()
    }

    async fn erase(&self, workspace: &WorkspaceId, customer: CustomerId, at: Timestamp) -> Stored<Option<Erasure>> {
        let (inner, scope) = (self.inner.clone(), workspace.clone());
        // A task of its own: a caller who hangs up stops nothing.
        let whole = tokio::spawn(async move {
            let job = inner.clone();
            let place = scope.clone();
            let taken = inner
                .write("privacy.erase", move |tx| {
                    Box::pin(async move { job.take_away_record(tx, &place, &customer.to_string(), at).await })
                })
                .await?;
            let Some(erasure) = taken else { return inner.erasure_of(&scope, customer).await };
            inner.finish_erasure(&erasure).await?;
            Ok(Some(erasure))
        });
        whole.await.map_err(|error| StoreError::Database(Box::new(error)))?
    }

    async fn erasure_of(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<Option<Erasure>> {
        self.inner.erasure_of(workspace, customer).await
    }

    async fn erasures(&self) -> Stored<Vec<Erasure>> {
        self.inner.erasures(sql::ERASURES).await
    }

    async fn erase_again(&self, erasure: &Erasure) -> Stored<bool> {
        self.inner.erase_again(erasure).await
    }

    async fn erase_later(&self, workspace: &WorkspaceId, customer: CustomerId, due_at: Timestamp) -> Stored<Option<Timestamp>> {
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        self.inner
            .write("privacy.erase_later", move |tx| {
                Box::pin(async move {
                    let Some(root) = inner.root(tx, &workspace, &customer.to_string()).await? else { return Ok(None) };
                    let pending = tx.one(sql::PENDING, args![&workspace, &root]).await?;
                    if let Some(earlier) = pending.map_or(Ok(None), |row| row.opt_time(0))?
                        && earlier <= due_at
                    {
                        return Ok(Some(earlier));
                    }
                    tx.later(turns_sql::SET_TIMER, args![&workspace, &root, TIMER, due_at, json(&TimerKind::Erase)?]);
                    tx.rings.ticks = true;
                    Ok(Some(due_at))
                })
            })
            .await
    }

    async fn keep(&self, workspace: &WorkspaceId, customer: CustomerId) -> Stored<bool> {
        let (inner, workspace) = (self.inner.clone(), workspace.clone());
        self.inner
            .write("privacy.keep", move |tx| {
                Box::pin(async move {
                    let Some(root) = inner.root(tx, &workspace, &customer.to_string()).await? else { return Ok(false) };
                    Ok(tx.run(sql::KEEP, args![&workspace, root]).await? > 0)
                })
            })
            .await
    }
}
