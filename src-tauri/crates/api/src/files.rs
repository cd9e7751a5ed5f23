//! Writing files a person asked for: whole or not at all, readable by their owner alone.

use crate::trouble::Answer;
use crate::view::Trouble;
use std::io::Write as _;
use std::path::Path;

/// Writes `bytes` to `path`. A half-written file never stands under that name.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Answer<()> {
    let refuse = |error: std::io::Error| {
        Trouble::field(
            "path",
            format!("{} could not be written: {error}. Choose another folder, or make room.", path.display()),
        )
    };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = std::path::PathBuf::from(beside);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        // Reports and tables name buyers and what they bought.
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written = options.open(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.and_then(|()| std::fs::rename(&beside, path)).map_err(|error| {
        // What is left of it is of no use to anybody.
        let _ = std::fs::remove_file(&beside);
        refuse(error)
    })
}

/// Makes a folder that its owner alone can look into, if it is not there.
pub(crate) fn own_folder(path: &Path) -> Answer<()> {
    let refuse = |error: std::io::Error| {
        Trouble::storage(format!(
            "The folder {} could not be made: {error}. Make room, then try again.",
            path.display()
        ))
    };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path).map_err(refuse)
}
