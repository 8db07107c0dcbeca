//! What the pages are made of: what is in the binary, and the operator's folder over it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use tokenhouse_server::pages::{Files, Pages};

use crate::config::{BadConfig, Written};

/// What the pages are made of: what is in the binary, and the operator's folder over it.
///
/// # Errors
/// [`BadConfig`], naming the file at fault.
pub(crate) fn pages(written: &Written) -> Result<Pages> {
    let own = match written.value("templates") {
        Some(folder) => read_folder(Path::new(folder))
            .map_err(|error| BadConfig(format!("TOKENHOUSE_TEMPLATES: {error:#}")))?,
        None => Files::new(),
    };
    Ok(Pages::new(own).map_err(|error| BadConfig(format!("TOKENHOUSE_TEMPLATES: {error}")))?)
}

/// The files of a folder by their path below it, hidden ones left out.
pub(crate) fn read_folder(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((folder, below)) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let (path, name) = (entry.path(), format!("{below}{name}"));
            // Links are followed: that is how a ConfigMap is mounted.
            if fs::metadata(&path)?.is_dir() {
                folders.push((path, format!("{name}/")));
            } else {
                let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
                files.insert(name, bytes.into());
            }
        }
    }
    Ok(files)
}
