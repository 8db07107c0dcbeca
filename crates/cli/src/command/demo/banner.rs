//! What the demo says in the terminal, and the lines to paste that it shows there and on the page.
//!
//! Everything goes to the error stream: there is no data here to pipe anywhere.

use std::{fmt::Write, net::SocketAddr};

use super::{account::Account, snapshot::Counts};

/// A line to paste into a shell, and what it does.
pub(super) struct Line {
    pub(super) what: &'static str,
    pub(super) command: String,
}

/// Lines for `visitor` that work in this order, in any POSIX shell with curl.
pub(super) fn lines(api: SocketAddr, visitor: &Account) -> Vec<Line> {
    let Account { username, password } = visitor;
    let bearer = "-H \"Authorization: Bearer $TOKEN\"";
    vec![
        Line {
            what: "Log in and keep the token",
            command: format!(
                "TOKEN=$(curl -s http://{api}/login -H 'Content-Type: application/json' \
                 -d '{{\"username\":\"{username}\",\"password\":\"{password}\"}}' \
                 | sed 's/.*\"token\":\"\\([^\"]*\\)\".*/\\1/')"
            ),
        },
        Line {
            what: "Store something",
            command: format!(
                "curl -s -X PUT http://{api}/data {bearer} -d '{{\"hello\":\"world\"}}' -H 'Content-Type: application/json'"
            ),
        },
        Line {
            what: "Read it eight times, and see who answers",
            command: format!(
                "for i in 1 2 3 4 5 6 7 8; do curl -si http://{api}/data {bearer} | grep -i '^tokenhouse-process'; done"
            ),
        },
        Line { what: "Log out", command: format!("curl -si -X POST http://{api}/logout {bearer}") },
    ]
}

/// What is said when the demo opens.
pub(super) fn opening(
    (page, api): (SocketAddr, SocketAddr),
    visitor: &Account,
    lines: &[Line],
    lasting: bool,
) -> String {
    let Account { username, password } = visitor;
    let mut text = format!(
        "\n  Tokenhouse demo\n\n  Page      http://{page}/demo\n  Mails     http://{api}/dev/outbox\n  \
         User      {username}\n  Password  {password}\n"
    );
    for Line { what, command } in lines {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  # {what}\n  {command}\n");
    }
    text.push_str(match lasting {
        true => "\n  Ctrl-C ends it; its accounts stay in the database that was given.\n",
        false => "\n  Ctrl-C ends it and removes everything it made.\n",
    });
    text
}

/// What is said when the demo ends.
pub(super) fn closing(counts: &Counts) -> String {
    let Counts {
        requests,
        failed,
        logins_lost,
        writes_lost,
        revocations_missed,
        retries,
        died,
        ..
    } = counts;
    format!(
        "\n  requests {requests}, failed {failed}, retries {retries}; processes killed {died}\n  \
         logins lost {logins_lost}, writes lost {writes_lost}, revocations missed {revocations_missed}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_login_line_takes_the_token_out_of_the_answer() {
        let visitor = Account { username: "visitor".into(), password: "abcd-efgh".into() };
        let lines = lines(([127, 0, 0, 1], 8081).into(), &visitor);
        let filter = lines[0].command.split_once("| ").expect("a filter").1.trim_end_matches(')');
        let shell =
            format!("echo '{{\"token\":\"thx_1.2-3\",\"token_type\":\"Bearer\"}}' | {filter}");
        let output =
            std::process::Command::new("sh").args(["-c", &shell]).output().expect("a shell");
        assert_eq!(output.stdout, b"thx_1.2-3\n");
        assert!(lines[0].command.contains(r#"-d '{"username":"visitor","password":"abcd-efgh"}'"#));
    }

    #[test]
    fn every_line_is_one_line() {
        let visitor = Account { username: "v".into(), password: "p".into() };
        for line in lines(([127, 0, 0, 1], 8081).into(), &visitor) {
            assert!(
                !line.command.contains('\n') && !line.command.contains("  "),
                "{}",
                line.command
            );
        }
    }
}
