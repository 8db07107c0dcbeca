//! How the cases of the contract, which `main.rs` names, are run on each engine.

use crate::Outcome;
use crate::bench::Bench;
use crate::place::Place;

pub(crate) async fn on_empty(place: Place, case: impl AsyncFnOnce(&Place) -> Outcome) -> Outcome {
    case(&place).await?;
    place.remove().await;
    Ok(())
}

pub(crate) async fn on_ready(place: Place, case: impl AsyncFnOnce(&Bench) -> Outcome) -> Outcome {
    let bench = Bench::at(place).await?;
    case(&bench).await?;
    bench.close().await;
    Ok(())
}

/// `empty` cases find a database without a schema and open it themselves, and so do those of
/// `postgres_only`; `ready` ones and those of `postgres_ready` find it migrated and open twice.
macro_rules! contract {
    (
        empty { $($empty_file:ident::$empty:ident,)* }
        ready { $($file:ident::$case:ident,)* }
        postgres_only { $($its_file:ident::$its:ident,)* }
        postgres_ready { $($ready_file:ident::$its_ready:ident,)* }
    ) => {
        mod sqlite {
            use crate::{Outcome, Place, on_empty, on_ready};
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $empty() -> Outcome {
                on_empty(Place::folder(), crate::$empty_file::$empty).await
            })*
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() -> Outcome {
                on_ready(Place::folder(), crate::$file::$case).await
            })*
        }

        #[cfg(feature = "real-servers")]
        mod postgres {
            use crate::{Outcome, Place, on_empty, on_ready};
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $empty() -> Outcome {
                let place = Place::server(stringify!($empty)).await;
                on_empty(place, crate::$empty_file::$empty).await
            })*
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() -> Outcome {
                let place = Place::server(stringify!($case)).await;
                on_ready(place, crate::$file::$case).await
            })*
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $its() -> Outcome {
                let place = Place::server(stringify!($its)).await;
                on_empty(place, crate::$its_file::$its).await
            })*
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $its_ready() -> Outcome {
                let place = Place::server(stringify!($its_ready)).await;
                on_ready(place, crate::$ready_file::$its_ready).await
            })*
        }

        #[cfg(feature = "real-servers")]
        mod pgbouncer {
            use crate::{Outcome, Place, on_empty, on_ready};
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $empty() -> Outcome {
                let place = Place::pooled(stringify!($empty)).await;
                on_empty(place, crate::$empty_file::$empty).await
            })*
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() -> Outcome {
                let place = Place::pooled(stringify!($case)).await;
                on_ready(place, crate::$file::$case).await
            })*
        }
    };
}
