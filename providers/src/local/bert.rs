//! The encoder itself: embeddings, layers of attention, a vector for the whole text. <https://arxiv.org/abs/1810.04805>

use serde::Deserialize;

use super::weights::Weights;

/// No text is read further, whatever the model could.
const LONGEST_READ: usize = 256;

/// `config.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Shape {
    #[serde(default)]
    model_type: String,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    max_position_embeddings: usize,
    #[serde(default = "little")]
    layer_norm_eps: f32,
    #[serde(default = "gelu_name")]
    hidden_act: String,
}

fn little() -> f32 {
    1e-12
}

fn gelu_name() -> String {
    "gelu".to_owned()
}

impl Shape {
    /// Is it a model of the kind that is read here?
    pub fn check(&self) -> Result<(), String> {
        if self.model_type != "bert" {
            return Err(format!("model_type is {:?}; only \"bert\" is read", self.model_type));
        }
        if !matches!(self.hidden_act.as_str(), "gelu" | "gelu_new" | "relu") {
            return Err(format!("hidden_act is {:?}; gelu and relu are read", self.hidden_act));
        }
        let sound = (1..=4_096).contains(&self.hidden_size)
            && (1..=48).contains(&self.num_hidden_layers)
            && self.num_attention_heads > 0
            && self.hidden_size.is_multiple_of(self.num_attention_heads)
            && (1..=16_384).contains(&self.intermediate_size)
            && self.max_position_embeddings >= 8;
        if sound { Ok(()) } else { Err("its sizes do not fit together".to_owned()) }
    }
}

/// A product with a bias: `rows` outputs of `columns` inputs.
struct Dense {
    weight: Vec<f32>,
    bias: Vec<f32>,
    columns: usize,
}

struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

struct Layer {
    query: Dense,
    key: Dense,
    value: Dense,
    attended: Dense,
    attended_norm: Norm,
    wide: Dense,
    narrow: Dense,
    norm: Norm,
}

/// The whole model.
pub struct Bert {
    words: Vec<f32>,
    positions: Vec<f32>,
    kinds: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    width: usize,
    heads: usize,
    longest: usize,
    epsilon: f32,
    relu: bool,
}

impl Bert {
    /// Takes the tensors by the names that BERT gives them.
    pub fn assemble(shape: &Shape, weights: &mut Weights) -> Result<Self, String> {
        let width = shape.hidden_size;
        let mut dense = |name: &str, rows: usize, columns: usize| -> Result<Dense, String> {
            Ok(Dense {
                weight: weights.take(&format!("{name}.weight"), &[rows, columns])?,
                bias: weights.take(&format!("{name}.bias"), &[rows])?,
                columns,
            })
        };
        let mut linear = Vec::new();
        for number in 0..shape.num_hidden_layers {
            let at = |part: &str| format!("encoder.layer.{number}.{part}");
            linear.push([
                dense(&at("attention.self.query"), width, width)?,
                dense(&at("attention.self.key"), width, width)?,
                dense(&at("attention.self.value"), width, width)?,
                dense(&at("attention.output.dense"), width, width)?,
                dense(&at("intermediate.dense"), shape.intermediate_size, width)?,
                dense(&at("output.dense"), width, shape.intermediate_size)?,
            ]);
        }
        let mut norm = |name: &str| -> Result<Norm, String> {
            Ok(Norm { weight: weights.take(&format!("{name}.weight"), &[width])?, bias: weights.take(&format!("{name}.bias"), &[width])? })
        };
        let mut layers = Vec::new();
        for (number, [query, key, value, attended, wide, narrow]) in linear.into_iter().enumerate() {
            let attended_norm = norm(&format!("encoder.layer.{number}.attention.output.LayerNorm"))?;
            let last = norm(&format!("encoder.layer.{number}.output.LayerNorm"))?;
            layers.push(Layer { query, key, value, attended, attended_norm, wide, narrow, norm: last });
        }
        let first = norm("embeddings.LayerNorm")?;
        Ok(Self {
            words: weights.table("embeddings.word_embeddings.weight", width)?,
            positions: weights.take("embeddings.position_embeddings.weight", &[shape.max_position_embeddings, width])?,
            kinds: weights.table("embeddings.token_type_embeddings.weight", width)?,
            norm: first,
            layers,
            width,
            heads: shape.num_attention_heads,
            longest: shape.max_position_embeddings.min(LONGEST_READ),
            epsilon: shape.layer_norm_eps,
            relu: shape.hidden_act == "relu",
        })
    }

    /// How many words it has vectors for.
    pub fn words(&self) -> usize {
        self.words.len() / self.width
    }

    /// Length of a vector.
    pub fn width(&self) -> usize {
        self.width
    }

    /// How many pieces of words it reads.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// One vector: that of the first token, or the mean of all.
    pub fn encode(&self, ids: &[u32], first_token: bool) -> Vec<f32> {
        let width = self.width;
        let mut state: Vec<f32> = Vec::with_capacity(ids.len() * width);
        for (place, id) in ids.iter().take(self.longest).enumerate() {
            let word = (*id as usize).min(self.words().saturating_sub(1)) * width;
            let parts = self.words[word..word + width].iter().zip(&self.positions[place * width..]).zip(&self.kinds);
            state.extend(parts.map(|((word, position), kind)| word + position + kind));
        }
        self.norm.apply(&mut state, self.epsilon);
        for layer in &self.layers {
            layer.apply(&mut state, width, self.heads, self.epsilon, self.relu);
        }
        if first_token {
            return state[..width].to_vec();
        }
        let count = (state.len() / width).max(1) as f32;
        let mut mean = vec![0.0; width];
        for row in state.chunks_exact(width) {
            mean.iter_mut().zip(row).for_each(|(sum, value)| *sum += value / count);
        }
        mean
    }
}

impl Layer {
    fn apply(&self, state: &mut Vec<f32>, width: usize, heads: usize, epsilon: f32, relu: bool) {
        let attended =
            self.attended.apply(&attend(&self.query.apply(state), &self.key.apply(state), &self.value.apply(state), width, heads));
        add(state, &attended);
        self.attended_norm.apply(state, epsilon);
        let mut wide = self.wide.apply(state);
        for value in &mut wide {
            *value = if relu { value.max(0.0) } else { gelu(*value) };
        }
        add(state, &self.narrow.apply(&wide));
        self.norm.apply(state, epsilon);
    }
}

/// Each head looks over all places by its own part of the vectors.
fn attend(query: &[f32], key: &[f32], value: &[f32], width: usize, heads: usize) -> Vec<f32> {
    let part = width / heads;
    let scale = 1.0 / (part as f32).sqrt();
    let count = query.len() / width;
    let mut out = vec![0.0; query.len()];
    let mut weights = vec![0.0_f32; count];
    for head in 0..heads {
        let from = head * part;
        for place in 0..count {
            let asks = &query[place * width + from..][..part];
            for (other, weight) in weights.iter_mut().enumerate() {
                *weight = dot(asks, &key[other * width + from..][..part]) * scale;
            }
            let most = weights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let mut sum = 0.0;
            for weight in &mut weights {
                *weight = (*weight - most).exp();
                sum += *weight;
            }
            let into = &mut out[place * width + from..][..part];
            for (other, weight) in weights.iter().enumerate() {
                let said = &value[other * width + from..][..part];
                into.iter_mut().zip(said).for_each(|(into, said)| *into += weight / sum * said);
            }
        }
    }
    out
}

impl Dense {
    fn apply(&self, rows: &[f32]) -> Vec<f32> {
        let outputs = self.bias.len();
        let count = rows.len() / self.columns;
        let mut out = vec![0.0; count * outputs];
        // A row of weights stays near while all places pass by it.
        for (output, weight) in self.weight.chunks_exact(self.columns).enumerate() {
            for (place, row) in rows.chunks_exact(self.columns).enumerate() {
                out[place * outputs + output] = dot(weight, row) + self.bias[output];
            }
        }
        out
    }
}

impl Norm {
    fn apply(&self, rows: &mut [f32], epsilon: f32) {
        let width = self.weight.len();
        for row in rows.chunks_exact_mut(width) {
            let mean = row.iter().sum::<f32>() / width as f32;
            let spread = row.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / width as f32;
            let scale = 1.0 / (spread + epsilon).sqrt();
            for ((value, weight), bias) in row.iter_mut().zip(&self.weight).zip(&self.bias) {
                *value = (*value - mean) * scale * weight + bias;
            }
        }
    }
}

fn add(into: &mut [f32], more: &[f32]) {
    into.iter_mut().zip(more).for_each(|(into, more)| *into += more);
}

/// Sixteen sums at a time, so that the compiler may do them side by side.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0.0_f32; LANES];
    let (left, right) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = left.remainder().iter().zip(right.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in left.zip(right) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// By the error function, as BERT has it.
fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x / std::f32::consts::SQRT_2))
}

/// Abramowitz and Stegun 7.1.26, off by at most 1.5e-7.
fn erf(x: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let poly = ((((1.061_405_4 * t - 1.453_152) * t + 1.421_413_7) * t - 0.284_496_74) * t + 0.254_829_6) * t;
    (1.0 - poly * (-x * x).exp()).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_of_the_error_function_are_met() {
        for (x, expected) in [(0.0, 0.0), (0.5, 0.520_499_9), (1.0, 0.842_700_8), (-1.0, -0.842_700_8), (3.0, 0.999_977_9)] {
            assert!((erf(x) - expected).abs() < 1e-6, "{x}: {}", erf(x));
        }
    }

    #[test]
    fn equal_places_attend_to_each_other_equally() {
        let same = vec![0.3; 8];
        let out = attend(&same, &same, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], 4, 2);
        assert_eq!(out, [3.0, 4.0, 5.0, 6.0, 3.0, 4.0, 5.0, 6.0]);
    }
}
