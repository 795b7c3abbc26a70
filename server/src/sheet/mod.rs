//! Files of customers as spreadsheets write them: their encoding, their separator, their rows with line numbers.

mod decode;
mod import;
mod rows;

pub use decode::{Decoded, Encoding};
pub use import::{Imported, Line, Mapping, run};
pub use rows::{Record, Rows};
