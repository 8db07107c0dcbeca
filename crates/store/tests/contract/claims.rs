//! The document of a person before an application: it is large, and is only there where the settings of the client
//! name it as a source of claims.

use tokenhouse_store::{Introspection, Refreshed, Result, SaveClient, Saved, Subject};

use crate::Outcome;
use crate::applications::{
    change, client_id, code, code_id, grant_key, make_grant, person_and_client, refresh,
};
use crate::bench::Bench;
use crate::make::key;

const HOST: &str = "a.example.org";
const DOCUMENT: &str = r#"{"team":"north", "n":1.50}"#;

/// Every question that brings the person before client 1, by session 5, code `number` (open), and grant 1.
async fn documents(bench: &Bench, number: u128) -> Result<Vec<Option<String>>> {
    let session = key(5, 1);
    let authorize = bench.a.authorize_facts(&client_id(1), Some(&session)).await?;
    let access = bench.b.access_facts(HOST, Some(&session)).await?;
    let code = bench.a.code_facts(&client_id(1), code_id(number)).await?;
    let grant = bench.b.grant(&grant_key(1)).await?;
    let question = Introspection { asking: client_id(1), subject: Subject::Grant(grant_key(1)) };
    let introspected = bench.a.introspect(question).await?;
    let generation = i64::try_from(number).expect("a small number") - 10;
    let Refreshed::Done { facts, .. } = bench.b.refresh(refresh(1, generation)).await? else {
        panic!("the grant lives");
    };
    let owners = [
        authorize.signed_in.map(|person| person.owner),
        access.signed_in.map(|person| person.owner),
        code.code.map(|code| code.owner),
        grant.map(|facts| facts.owner),
        introspected.grant.map(|facts| facts.owner),
        Some(facts.owner),
    ];
    Ok(owners.map(|owner| owner.expect("she is there").document).into())
}

async fn set(bench: &Bench, version: i64, settings: &str) -> Result<()> {
    let hosts = vec![HOST.to_owned()];
    let save = SaveClient { settings: settings.to_owned(), hosts, ..change(1, version) };
    assert_eq!(bench.a.save_client(save).await?, Saved::Done(version + 1));
    Ok(())
}

pub(crate) async fn a_document_is_read_where_claims_come_from_it(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_grant(bench, 1, true).await?;
    bench.a.write_data(&key(5, 1), DOCUMENT.to_owned(), None).await?;
    for number in [10, 11, 12, 13] {
        assert!(bench.a.issue_code(code(number)).await?);
    }
    let plain = r#"{"name":"Document","claims":{"a":{"from":"groups","in":["id_token"]}}}"#;
    set(bench, 1, plain).await?;
    assert_eq!(documents(bench, 10).await?, vec![None; 6]);
    let mapped = r#"{"name":"Notes","claims":{"team":{"from":{"document":"/team"}}}}"#;
    set(bench, 2, mapped).await?;
    assert_eq!(documents(bench, 11).await?, vec![Some(DOCUMENT.to_owned()); 6]);
    let large = format!(r#"{{"x":"{}"}}"#, "y".repeat(60_000));
    bench.a.write_data(&key(5, 1), large.clone(), None).await?;
    assert_eq!(documents(bench, 12).await?, vec![Some(large); 6]);
    set(bench, 3, plain).await?;
    assert_eq!(documents(bench, 13).await?, vec![None; 6]);
    Ok(())
}
