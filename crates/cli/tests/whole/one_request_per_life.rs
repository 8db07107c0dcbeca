//! The API suite with `--max-requests 1`: every request is answered by a process that has never seen
//! another one and never will.

use tokenhouse_proof::server::Tokenhouse;
use tokenhouse_suite::Api;

async fn served() -> (Api, (Tokenhouse, tempfile::TempDir)) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = crate::client::on(folder.path())
        .arg("--processes")
        .arg("2")
        .arg("--max-requests")
        .arg("1")
        .start()
        .await
        .expect("a server");
    (crate::client::api(server.addr()), (server, folder))
}

tokenhouse_suite::api_suite!(served);
tokenhouse_suite::mail_suite!(served);
