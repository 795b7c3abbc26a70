//! G.711, the sound of telephones: a byte a sample, in the American and the European law.
//!
//! <https://www.itu.int/rec/T-REC-G.711>

/// Which law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Law {
    /// PCMU.
    #[default]
    Mu,
    /// PCMA.
    A,
}

impl Law {
    /// Into samples.
    pub fn decode(self, bytes: &[u8]) -> Vec<i16> {
        bytes.iter().map(|byte| if self == Self::Mu { from_mu(*byte) } else { from_a(*byte) }).collect()
    }

    /// Into bytes.
    pub fn encode(self, samples: &[i16]) -> Vec<u8> {
        samples.iter().map(|sample| if self == Self::Mu { to_mu(*sample) } else { to_a(*sample) }).collect()
    }

    /// What stands for silence.
    pub const fn silence(self) -> u8 {
        match self {
            Self::Mu => 0xff,
            Self::A => 0xd5,
        }
    }
}

const BIAS: i32 = 0x84;
const CLIP: i32 = 32_635;

fn from_mu(byte: u8) -> i16 {
    let byte = !byte;
    let exponent = u32::from(byte >> 4 & 7);
    let magnitude = ((i32::from(byte & 15) << 3) + BIAS << exponent) - BIAS;
    let magnitude = i16::try_from(magnitude).unwrap_or(i16::MAX);
    if byte & 0x80 == 0 { magnitude } else { -magnitude }
}

fn to_mu(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = i32::from(sample).abs().min(CLIP) + BIAS;
    // The highest bit set, from 7 on.
    let exponent = (31 - magnitude.leading_zeros()).saturating_sub(7);
    let mantissa = magnitude >> (exponent + 3) & 15;
    !(sign | (exponent as u8) << 4 | mantissa as u8)
}

fn from_a(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let exponent = u32::from(byte >> 4 & 7);
    let mantissa = i32::from(byte & 15) << 4;
    let magnitude = if exponent == 0 { mantissa + 8 } else { mantissa + 0x108 << (exponent - 1) };
    let magnitude = i16::try_from(magnitude).unwrap_or(i16::MAX);
    if byte & 0x80 == 0 { -magnitude } else { magnitude }
}

fn to_a(sample: i16) -> u8 {
    let (sign, magnitude) = if sample < 0 { (0, -(i32::from(sample) + 1)) } else { (0x80, i32::from(sample)) };
    let magnitude = magnitude >> 3;
    let byte = if magnitude < 32 {
        magnitude >> 1
    } else {
        let exponent = 27 - magnitude.leading_zeros() as i32;
        exponent << 4 | magnitude >> exponent & 15
    };
    (sign | byte as u8) ^ 0x55
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_of_both_laws() {
        for (byte, sample) in [(0xff, 0), (0x7f, 0), (0x80, 32_124), (0x00, -32_124), (0xf0, 120), (0x8f, 16_764)] {
            assert_eq!(from_mu(byte), sample, "{byte:#x}");
        }
        for (byte, sample) in [(0xd5, 8), (0x55, -8), (0xaa, 32_256), (0x2a, -32_256), (0xd4, 24), (0xf5, 528)] {
            assert_eq!(from_a(byte), sample, "{byte:#x}");
        }
    }

    #[test]
    fn every_byte_comes_back() {
        for byte in 0..=255 {
            assert_eq!(to_a(from_a(byte)), byte, "a {byte:#x}");
            // There are two zeros.
            let expected = if byte == 0x7f { 0xff } else { byte };
            assert_eq!(to_mu(from_mu(byte)), expected, "mu {byte:#x}");
        }
    }

    #[test]
    fn every_sample_comes_back_nearly() {
        for sample in i16::MIN..=i16::MAX {
            for law in [Law::Mu, Law::A] {
                let back = law.decode(&law.encode(&[sample]))[0];
                let off = (i32::from(back) - i32::from(sample)).abs();
                assert!(off <= 16.max(i32::from(sample).abs() / 15), "{law:?} {sample} {back}");
            }
        }
    }
}
