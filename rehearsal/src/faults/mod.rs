//! The fault campaign: the server is killed again and again under load while its vendors misbehave, and the books are
//! compared afterwards. Nothing that was acknowledged may be lost, said twice or said in another order.
//!
//! Everything random comes from one seed: who writes what, when the server is killed, what each vendor does to each
//! attempt. Where the processor was at that moment is the machine's own business, so a seed repeats the schedule, not
//! every interleaving.

pub mod acts;
pub mod axe;
pub mod books;
pub mod dice;
pub mod letters;
pub mod plan;
pub mod points;
pub mod stream;
pub mod trace;
pub mod vendors;

pub use books::Findings;
pub use letters::Post;
pub use vendors::Vendors;
