//! Words that look like the words they stand for: as long, large and small letters and digits where they stood. The same word
//! has the same stand-in as long as the key is the same; the key is made by chance and kept nowhere, so that nobody finds the
//! word by trying names. Two short words may have one stand-in.
//!
//! A telephone number is one word however it is written: `+1 212-555-0147`, `12125550147` and `001 212 555 0147` have stand-ins
//! of the same digits, because whoever compares numbers compares those.

/// A telephone number has no fewer digits.
pub(crate) const PHONE_DIGITS_MIN: usize = 7;
/// What people write into a telephone number beside its digits.
const PHONE_WORDS: [&str; 5] = ["ext", "extension", "x", "tel", "phone"];

/// Makes stand-ins for words.
#[derive(Default)]
pub(crate) struct Cipher {
    key: [u8; 32],
}

impl Cipher {
    /// With bytes that nobody keeps ([`crate::trail::chance`]).
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// Every word of a text replaced; what stands between them stays.
    pub(crate) fn text(&self, text: &str) -> String {
        if is_phone(text) {
            return self.phone(text);
        }
        let mut out = String::with_capacity(text.len());
        for piece in pieces(text) {
            if piece.starts_with(char::is_alphanumeric) {
                out.push_str(&self.word(piece));
            } else {
                out.push_str(piece);
            }
        }
        out
    }

    /// A number that carriers know: what says whose it is (`1Z`) stays, because decisions hang on it.
    pub(crate) fn tracking(&self, number: &str) -> String {
        let head = number.char_indices().nth(2).map_or(number.len(), |(end, _)| end);
        let (head, rest) = number.split_at(head);
        if head.chars().all(|c| c.is_ascii_digit()) {
            return self.text(number);
        }
        format!("{head}{}", self.text(rest))
    }

    /// A telephone number, by its digits from the right: what stands before them is written or left out as people like, and
    /// two zeros before the country are as good as a plus. No digit becomes a zero, so that no other zeros come to stand there.
    fn phone(&self, text: &str) -> String {
        let digits = phone_digits(text);
        let told = digits.len().saturating_sub(PHONE_DIGITS_MIN);
        let mut chance = blake3::Hasher::new_keyed(&self.key).update(&digits.as_bytes()[told..]).finalize_xof();
        let mut left = digits.len();
        let mut stand_in = |c: char| {
            // Zeros that stand for a plus stay.
            if left == 0 || !c.is_ascii_digit() {
                return c;
            }
            left -= 1;
            let mut byte = [0];
            chance.fill(&mut byte);
            char::from(b'1' + byte[0] % 9)
        };
        let last_first: Vec<char> = text.chars().rev().map(&mut stand_in).collect();
        last_first.into_iter().rev().collect()
    }

    /// One word.
    pub(crate) fn word(&self, word: &str) -> String {
        if is_phone(word) {
            return self.phone(word);
        }
        let folded = word.to_lowercase();
        let mut chance = blake3::Hasher::new_keyed(&self.key).update(folded.as_bytes()).finalize_xof();
        let stand_in = |c: char| {
            let mut byte = [0];
            chance.fill(&mut byte);
            match c {
                '0'..='9' => char::from(b'0' + byte[0] % 10),
                _ if c.is_uppercase() => char::from(b'A' + byte[0] % 26),
                _ => char::from(b'a' + byte[0] % 26),
            }
        };
        word.chars().map(stand_in).collect()
    }
}

/// Digits as many as a telephone number has, and nothing else but what is written between them.
pub(crate) fn is_phone(text: &str) -> bool {
    let between = |piece: &str| piece.chars().all(|c| c.is_ascii_digit() || " +-()./#,:".contains(c));
    phone_digits(text).len() >= PHONE_DIGITS_MIN
        && pieces(text).all(|piece| between(piece) || PHONE_WORDS.contains(&piece.to_lowercase().as_str()))
}

/// The digits of a telephone number; two zeros before the country are as good as a plus.
pub(crate) fn phone_digits(text: &str) -> String {
    let all: String = text.chars().filter(char::is_ascii_digit).collect();
    all.strip_prefix("00").map_or_else(|| all.clone(), str::to_owned)
}

/// Words, and what stands between them, in turn.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_word = rest.chars().next()?.is_alphanumeric();
        let end = rest.find(|c: char| c.is_alphanumeric() != is_word).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stand_in_has_the_shape_of_the_word() {
        let cipher = Cipher::new([7; 32]);
        let shape = |text: &str| -> String {
            let mark = |c: char| match c {
                '0'..='9' => '0',
                _ if c.is_uppercase() => 'A',
                _ if c.is_alphanumeric() => 'a',
                _ => c,
            };
            text.chars().map(mark).collect()
        };
        for text in ["Ingrid Sørensen", "O'Brien-SMITH", "20457", "+49 (40) 123-456", "Am Kai 1b", "", " ", "ß"] {
            let stand_in = cipher.text(text);
            assert_eq!(shape(&stand_in), shape(text), "{text}: {stand_in}");
        }
    }

    #[test]
    fn equal_words_have_equal_stand_ins_however_they_are_put_together() {
        let cipher = Cipher::new([7; 32]);
        let (first, last) = (cipher.word("Ingrid"), cipher.word("Larsen"));
        assert_eq!(cipher.text("Ingrid Larsen"), format!("{first} {last}"));
        assert_eq!(cipher.text("INGRID, larsen"), format!("{}, {}", first.to_uppercase(), last.to_lowercase()));
        assert_ne!(first, "Ingrid");
        assert_ne!(first, cipher.word("Astrid"));
        assert_ne!(first, Cipher::new([8; 32]).word("Ingrid"), "by another key");
    }

    #[test]
    fn a_telephone_number_is_the_same_however_it_is_written() {
        let cipher = Cipher::new([7; 32]);
        let whole = phone_digits(&cipher.text("+1 212-555-0147"));
        assert_eq!(whole.len(), 11);
        assert!(!whole.contains("555") || !whole.ends_with("0147"), "{whole}");
        for (written, digits) in
            [("12125550147", 11), ("001 212 555 0147", 11), ("(212) 555-0147", 10), ("tel: 555-0147", 7)]
        {
            let stand_in = cipher.text(written);
            let theirs = phone_digits(&stand_in);
            assert!(theirs.len() == digits && whole.ends_with(&theirs), "{written}: {stand_in}, not of {whole}");
        }
        assert!(cipher.text("0049 40 123456").starts_with("00"));
        assert_eq!(cipher.word("12125550147"), cipher.text("12125550147"));
        for no in ["20457", "Pier 7, 2125550147", "2125550147b", ""] {
            assert!(!is_phone(no), "{no}");
        }
    }

    #[test]
    fn a_tracking_number_stays_its_carriers() {
        let cipher = Cipher::new([7; 32]);
        for (number, head) in
            [("1Z999AA10123456784", "1Z"), ("JD014600006123456789", "JD"), ("TRACK1", "TR"), ("1Z", "1Z")]
        {
            let stand_in = cipher.tracking(number);
            assert!(stand_in.starts_with(head) && stand_in.len() == number.len(), "{number}: {stand_in}");
            assert_eq!(stand_in == number, number.len() == 2, "{number}: {stand_in}");
        }
        let digits = cipher.tracking("00340434161094021501");
        assert!(digits.len() == 20 && digits.chars().all(|c| c.is_ascii_digit()), "{digits}");
        assert_ne!(digits, "00340434161094021501");
    }
}
