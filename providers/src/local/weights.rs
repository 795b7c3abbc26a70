//! Tensors of a `safetensors` file: a header in JSON, then the numbers.

use std::collections::HashMap;

use serde::Deserialize;

/// The header may be this long.
const LONGEST_HEADER: usize = 8 << 20;

#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

/// The tensors of a file by their names, each taken once.
pub struct Weights {
    tensors: HashMap<String, (Vec<usize>, Vec<f32>)>,
}

impl Weights {
    /// Reads all tensors of numbers with a point.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let length = bytes.get(..8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes).ok_or("it is cut short")?;
        let length = usize::try_from(length).ok().filter(|length| *length <= LONGEST_HEADER).ok_or("its header is too long")?;
        let header = bytes.get(8..8 + length).ok_or("its header is cut short")?;
        let data = &bytes[8 + length..];
        let header: HashMap<String, serde_json::Value> = serde_json::from_slice(header).map_err(|error| error.to_string())?;
        let mut tensors = HashMap::new();
        for (name, entry) in header.into_iter().filter(|(name, _)| name != "__metadata__") {
            let entry: Entry = serde_json::from_value(entry).map_err(|error| format!("tensor {name}: {error}"))?;
            let raw = data.get(entry.data_offsets.0..entry.data_offsets.1).ok_or_else(|| format!("tensor {name} lies outside"))?;
            let Some(numbers) = numbers(&entry.dtype, raw) else { continue };
            let wanted = entry.shape.iter().try_fold(1_usize, |all, side| all.checked_mul(*side));
            if wanted != Some(numbers.len()) {
                return Err(format!("tensor {name} has {} numbers for the shape {:?}", numbers.len(), entry.shape));
            }
            let short = name.strip_prefix("bert.").unwrap_or(&name).to_owned();
            tensors.insert(short, (entry.shape, numbers));
        }
        Ok(Self { tensors })
    }

    /// A tensor, when it has the shape that the configuration says.
    pub fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        let (found, numbers) = self.tensors.remove(name).ok_or_else(|| format!("there is no tensor {name}"))?;
        if found == shape { Ok(numbers) } else { Err(format!("tensor {name} has the shape {found:?}, not {shape:?}")) }
    }

    /// A table of so many columns and however many rows.
    pub fn table(&mut self, name: &str, columns: usize) -> Result<Vec<f32>, String> {
        let rows = self.tensors.get(name).and_then(|(shape, _)| shape.first().copied()).unwrap_or_default();
        self.take(name, &[rows, columns])
    }
}

fn numbers(kind: &str, raw: &[u8]) -> Option<Vec<f32>> {
    Some(match kind {
        "F32" => raw.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect(),
        "BF16" => raw.chunks_exact(2).map(|two| f32::from_bits(u32::from(u16::from_le_bytes([two[0], two[1]])) << 16)).collect(),
        "F16" => raw.chunks_exact(2).map(|two| half(u16::from_le_bytes([two[0], two[1]]))).collect(),
        _ => return None,
    })
}

/// IEEE 754 half precision.
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from((bits >> 10) & 0x1f);
    let fraction = f32::from(bits & 0x3ff);
    sign * match exponent {
        0 => fraction * 2.0_f32.powi(-24),
        31 => {
            if fraction == 0.0 {
                f32::INFINITY
            } else {
                f32::NAN
            }
        }
        _ => (1.0 + fraction / 1024.0) * 2.0_f32.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_read_as_they_were_written() {
        assert_eq!([0x3c00, 0xc000, 0x3555, 0x0001].map(half), [1.0, -2.0, 0.333_251_95, 5.960_464_5e-8]);
        assert_eq!(numbers("BF16", &[0x80, 0x3f, 0x20, 0xc0]), Some(vec![1.0, -2.5]));
    }

    #[test]
    fn a_broken_file_is_refused() {
        for bytes in [&b""[..], b"\xff\xff\xff\xff\xff\xff\xff\xff", b"\x02\0\0\0\0\0\0\0{", b"\x02\0\0\0\0\0\0\0[]"] {
            assert!(Weights::read(bytes).is_err());
        }
        let outside = br#"{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}"#;
        let file = [&(outside.len() as u64).to_le_bytes()[..], outside].concat();
        assert!(Weights::read(&file).is_err_and(|what| what.contains("outside")));
    }
}
