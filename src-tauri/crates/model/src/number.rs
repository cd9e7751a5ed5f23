//! Order numbers as different systems write the same one.

/// The form in which numbers of two systems are compared: letters and digits only, small.
/// `#1001`, `1001` and ` 1001 ` are one; `US-1001` and `1001` are two. Empty if nothing is left.
#[must_use]
pub fn fold_number(number: &str) -> String {
    number.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::fold_number;

    #[test]
    fn the_same_number_in_other_clothes() {
        for (a, b, same) in [
            ("#1001", "1001", true),
            (" 1001 ", "#1001", true),
            ("113-0000000-1234567", "11300000001234567", true),
            ("eu1001", "EU1001", true),
            ("US-1001", "1001", false),
            ("#1001", "#10010", false),
        ] {
            assert_eq!(fold_number(a) == fold_number(b), same, "{a} {b}");
        }
        assert_eq!(fold_number("#"), "");
    }
}
