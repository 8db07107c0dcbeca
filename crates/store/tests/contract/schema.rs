//! Making the schema: once, whoever else does so at the same time.

use futures_util::future::join_all;
use tokenhouse_store::{Error, Schema};

use crate::Outcome;
use crate::make::{key, sign_in};
use crate::place::Place;

pub(crate) async fn migrating_twice_applies_nothing_the_second_time(place: &Place) -> Outcome {
    let (a, b) = (place.open()?, place.open()?);
    let empty = a.schema().await?;
    assert_eq!((empty.applied, empty.is_acceptable()), (0, false));
    assert_eq!(a.migrate().await?.len(), usize::try_from(empty.known).expect("a small number"));
    assert!(b.migrate().await?.is_empty());
    let known = empty.known;
    let schema = b.schema().await?;
    assert_eq!(schema, Schema { applied: known, required: schema.required, known });
    assert!(schema.is_acceptable());
    Ok(())
}

pub(crate) async fn eight_processes_that_start_at_once_make_one_schema(place: &Place) -> Outcome {
    let stores = std::thread::scope(|scope| {
        let opening: Vec<_> = (0..8).map(|_| scope.spawn(|| place.open())).collect();
        let opened = opening.into_iter().map(|thread| thread.join().expect("no panic"));
        opened.collect::<Result<Vec<_>, _>>()
    })?;
    let starts = stores
        .into_iter()
        .map(|store| async { store.migrate().await.map(|applied| (applied.len(), store)) });
    let started = join_all(starts).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    let known = usize::try_from(started[0].1.schema().await?.known).expect("a small number");
    let applied: usize = started.iter().map(|(applied, _)| applied).sum();
    assert_eq!(applied, known, "each migration was applied by exactly one");
    for (_, store) in &started {
        assert!(store.schema().await?.is_acceptable());
    }
    let rows = place.number("SELECT count(*) FROM schema_migrations").await;
    assert_eq!(rows, i64::try_from(known).expect("a small number"));
    assert_eq!(place.number("SELECT count(*) FROM tasks").await, 1);
    Ok(())
}

pub(crate) async fn without_a_schema_the_database_is_unavailable_and_nothing_worse(
    place: &Place,
) -> Outcome {
    let store = place.open()?;
    let read = store.session_with_data(&key(1, 1)).await;
    assert!(matches!(read, Err(Error::Unavailable(_))), "{read:?}");
    let facts = store.sign_in_facts(sign_in("ada")).await;
    assert!(matches!(facts, Err(Error::Unavailable(_))), "{facts:?}");
    Ok(())
}
