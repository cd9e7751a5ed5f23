//! Rows as they were written the last time. A client that polls asks for the same rows again
//! and again, and writing one down costs far more than finding out that it has not changed.
//!
//! Compared with the whole thing, not with a version of it: nothing that changes a row can
//! forget to say so.

use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Things of one kind by name, and their JSON text.
pub struct Written<K, T> {
    rows: RefCell<HashMap<K, (T, Arc<str>)>>,
}

impl<K, T> Default for Written<K, T> {
    fn default() -> Self {
        Self { rows: RefCell::default() }
    }
}

/// A copy has written nothing yet: it finds out.
impl<K, T> Clone for Written<K, T> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<K: Hash + Eq, T: Clone + PartialEq> Written<K, T> {
    /// The text of `thing`, which is called `name`.
    pub fn text(&self, name: K, thing: &T, write: impl FnOnce(&T) -> Value) -> Arc<str> {
        let mut rows = self.rows.borrow_mut();
        if let Some((known, text)) = rows.get(&name)
            && known == thing
        {
            return Arc::clone(text);
        }
        let text: Arc<str> = write(thing).to_string().into();
        rows.insert(name, (thing.clone(), Arc::clone(&text)));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_written_again_when_it_changed() {
        let written = Written::default();
        let write = |thing: &(i32, &str)| serde_json::json!([thing.0, thing.1]);
        let first = written.text(1, &(1, "a"), write);
        assert!(Arc::ptr_eq(&first, &written.text(1, &(1, "a"), |_| unreachable!())));
        assert_eq!(&*written.text(1, &(1, "b"), write), r#"[1,"b"]"#);
        assert_eq!(&*written.text(2, &(1, "a"), write), r#"[1,"a"]"#);
        assert_eq!(&*written.text(1, &(1, "a"), write), r#"[1,"a"]"#);
    }
}
