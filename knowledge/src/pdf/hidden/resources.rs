//! What the names of a page, and of a form object on it, stand for.

use pdf_extract::{Dictionary, Document, Object, ObjectId, Stream};

use super::canvas::{self, Area, Matrix};

/// Pages stand in a tree; no real one is higher.
const HIGHEST: usize = 32;

/// What `Do` puts on the page.
pub(super) enum Drawn<'a> {
    Picture,
    Form(Form<'a>),
    Unknown,
}

/// A drawing of its own, used like a stamp.
pub(super) struct Form<'a> {
    pub(super) stream: &'a Stream,
    pub(super) matrix: Matrix,
    /// Nothing is seen outside of it.
    pub(super) window: Option<Area>,
}

/// What a page and those above it say under a key, the nearest first.
pub(super) fn inherited<'a>(document: &'a Document, page: ObjectId, key: &[u8]) -> Vec<&'a Object> {
    let (mut found, mut node) = (Vec::new(), document.get_dictionary(page).ok());
    for _ in 0..HIGHEST {
        let Some(here) = node else { break };
        let said = here.get(key).ok().and_then(|object| document.dereference(object).ok());
        found.extend(said.map(|(_, object)| object));
        node = here.get(b"Parent").and_then(Object::as_reference).ok().and_then(|above| document.get_dictionary(above).ok());
    }
    found
}

/// What the page's names stand for.
#[derive(Clone)]
pub(super) struct Resources<'a> {
    document: &'a Document,
    all: Vec<&'a Dictionary>,
}

impl<'a> Resources<'a> {
    /// Those of a page, with what it inherits.
    pub(super) fn of(document: &'a Document, page: ObjectId) -> Self {
        let all = inherited(document, page, b"Resources").into_iter().filter_map(|object| object.as_dict().ok()).collect();
        Self { document, all }
    }

    fn named(&self, kind: &[u8], name: &[u8]) -> Option<&'a Object> {
        let follow = |object: &'a Object| self.document.dereference(object).ok().map(|(_, object)| object);
        self.all.iter().find_map(|resources| {
            let kinds = follow(resources.get(kind).ok()?)?.as_dict().ok()?;
            follow(kinds.get(name).ok()?)
        })
    }

    /// What `Do` puts on the page under a name.
    pub(super) fn drawn(&self, name: &[u8]) -> Drawn<'a> {
        let Some(stream) = self.named(b"XObject", name).and_then(|object| object.as_stream().ok()) else { return Drawn::Unknown };
        match stream.dict.get(b"Subtype").and_then(Object::as_name) {
            Ok(b"Image") => Drawn::Picture,
            Ok(b"Form") => Drawn::Form(Form {
                stream,
                matrix: self.numbers(stream, b"Matrix").map(|numbers| canvas::matrix(&numbers)).unwrap_or_default(),
                window: self.entry(stream, b"BBox").and_then(Area::read),
            }),
            Ok(_) | Err(_) => Drawn::Unknown,
        }
    }

    /// Those of a form; one without any of its own uses the page's.
    pub(super) fn of_form(&self, form: &Form<'a>) -> Self {
        match self.entry(form.stream, b"Resources").and_then(|own| own.as_dict().ok()) {
            Some(own) => Self { document: self.document, all: vec![own] },
            None => self.clone(),
        }
    }

    /// The same names, and these objects under new ones.
    pub(super) fn with(&self, new: &[(Vec<u8>, ObjectId)]) -> Dictionary {
        let mut all = self.all.first().map_or_else(Dictionary::new, |first| (*first).clone());
        let mut drawn = Dictionary::new();
        for resources in self.all.iter().rev() {
            let kinds = resources.get(b"XObject").ok().and_then(|found| self.document.dereference(found).ok());
            if let Some(kinds) = kinds.and_then(|(_, kinds)| kinds.as_dict().ok()) {
                kinds.iter().for_each(|(name, object)| drawn.set(name.clone(), object.clone()));
            }
        }
        for (name, id) in new {
            drawn.set(name.clone(), Object::Reference(*id));
        }
        all.set("XObject", Object::Dictionary(drawn));
        all
    }

    fn entry(&self, stream: &'a Stream, key: &[u8]) -> Option<&'a Object> {
        self.document.dereference(stream.dict.get(key).ok()?).ok().map(|(_, object)| object)
    }

    fn numbers(&self, stream: &'a Stream, key: &[u8]) -> Option<Vec<f32>> {
        Some(self.entry(stream, key)?.as_array().ok()?.iter().filter_map(|number| number.as_float().ok()).collect())
    }

    /// How far the letters of a state are to be seen through.
    pub(super) fn opacity(&self, name: &[u8]) -> Option<f32> {
        self.named(b"ExtGState", name)?.as_dict().ok()?.get(b"ca").ok()?.as_float().ok()
    }
}
