//! A file that one sandbox at a time uses, that is replaced as a whole, and that only its owner can read.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufWriter, Read as _, Write},
    path::{Path, PathBuf},
};

/// The open file, which is locked until the value is dropped.
pub struct StateFile {
    path: PathBuf,
    file: File,
}

impl StateFile {
    /// Opens the file or creates an empty one, and locks it. Returns it with its content. The error is a sentence for
    /// people that names the file.
    pub fn open(path: &Path) -> Result<(Self, Vec<u8>), String> {
        let shown = path.display();
        let open = || -> io::Result<(Self, Vec<u8>)> {
            let file = lock(path)?;
            restrict(&file)?;
            let mut content = Vec::new();
            (&file).read_to_end(&mut content)?;
            // If the path is a symbolic link, its target is replaced.
            let path = fs::canonicalize(path)?;
            Ok((Self { path, file }, content))
        };
        open().map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => format!(
                "the state file {shown} is in use by another sandbox: stop that one, or name another file"
            ),
            _ => format!("the state file {shown} cannot be used: {error}"),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces the content. A reader sees either the old or the new content, even if this process is killed.
    pub fn replace(
        &mut self,
        write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
    ) -> io::Result<()> {
        let new_path = with_suffix(&self.path, ".new");
        // Removes the leftover of a killed process. No other process writes it, because this one has the lock.
        match fs::remove_file(&new_path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = options().create_new(true).open(&new_path)?;
        // Locked before the rename, because others look for it under that name.
        file.try_lock().map_err(io_error)?;
        let mut writer = BufWriter::with_capacity(1 << 20, &file);
        write(&mut writer)?;
        writer.flush()?;
        drop(writer);
        file.sync_all()?;
        fs::rename(&new_path, &self.path)?;
        self.file = file;
        Ok(())
    }

    /// Renames the file, and returns the new path in the same folder.
    pub fn set_aside(&self) -> io::Result<PathBuf> {
        let mut name = with_suffix(&self.path, ".old");
        let mut number = 2;
        while name.symlink_metadata().is_ok() {
            name = with_suffix(&self.path, &format!(".old-{number}"));
            number += 1;
        }
        fs::rename(&self.path, &name)?;
        Ok(name)
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Opens and locks the file. The error is `WouldBlock` if another process has locked it.
fn lock(path: &Path) -> io::Result<File> {
    loop {
        if path.metadata().is_ok_and(|it| !it.is_file()) {
            return Err(io::Error::other("it is not a regular file"));
        }
        let file = options().create(true).truncate(false).open(path)?;
        file.try_lock().map_err(io_error)?;
        // Another sandbox may have replaced the file between the two calls, and ended.
        if is_at(&file, path)? {
            return Ok(file);
        }
    }
}

fn io_error(error: TryLockError) -> io::Error {
    match error {
        TryLockError::Error(error) => error,
        TryLockError::WouldBlock => io::ErrorKind::WouldBlock.into(),
    }
}

#[cfg(unix)]
fn options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    options
}

/// Makes the file readable for its owner only.
#[cfg(unix)]
fn restrict(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict(_: &File) -> io::Result<()> {
    Ok(())
}

/// Whether this path still refers to the open file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let own = file.metadata()?;
    Ok(path
        .metadata()
        .is_ok_and(|it| (it.dev(), it.ino()) == (own.dev(), own.ino())))
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}
