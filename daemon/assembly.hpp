#pragma once

#include "config/config.hpp"
#include "daemon/gateways.hpp"
#include "daemon/retention_periods.hpp"
#include "daemon/sandbox_settings.hpp"
#include "net/http_server.hpp"
#include "storage/postgres/postgres_database.hpp"
#include "storage/sqlite/sqlite_database.hpp"
#include "storage/writer.hpp"

#include <functional>
#include <memory>
#include <vector>

// From the configuration's plain values to what each part of the daemon is built with.
namespace postern::daemon {

net::HttpLimits http_limits(const config::Config& config);
net::ServerOptions public_server_options(const config::Config& config);
net::ServerOptions private_server_options(const config::Config& config);
std::optional<net::ServerOptions> tls_server_options(const config::Config& config);

storage::SqliteOptions store_options(const config::Config& config);
// The store that the configuration names, ready to be used. `on_failure` is called from whichever
// thread met a failure after which this process must write no more.
Result<std::unique_ptr<storage::Database>, Complaint>
open_database(const config::Config& config, const Clock& clock, std::function<void()> on_failure);
storage::PostgresOptions postgres_options(const config::Config& config);
RetentionPeriods retention_periods(const config::Config& config);
storage::WriterLimits writer_limits(const config::Config& config);

// Every gateway with its number in the store. Complaints name the gateway.
Result<GatewayDirectory, std::vector<Complaint>>
build_gateways(std::vector<ResolvedGateway> resolved, storage::Writer& writer);

}  // namespace postern::daemon
