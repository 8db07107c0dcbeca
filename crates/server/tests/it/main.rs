//! The API suite over two separately built apps on one database, taking turns request by request: what
//! one of them remembered, the other would not know.

mod apps;
mod damage;
mod pages;

mod sqlite {
    tokenhouse_suite::api_suite!(crate::apps::on_sqlite);
}

#[cfg(feature = "real-servers")]
mod postgres {
    tokenhouse_suite::api_suite!(crate::apps::on_postgres);
}
