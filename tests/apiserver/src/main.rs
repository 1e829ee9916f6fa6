//! The test API server as a program: prints its address, then serves until it is ended.

use std::io::Write;
use std::net::SocketAddr;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".into());
    let address: SocketAddr = address.parse().map_err(|_| std::io::ErrorKind::InvalidInput)?;
    let server = apiserver::ApiServer::start(address).await?;
    writeln!(std::io::stdout(), "{}", server.address())?;
    std::future::pending().await
}
