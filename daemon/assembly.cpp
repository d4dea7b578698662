#include "daemon/assembly.hpp"

#include "core/assert.hpp"
#include "core/log.hpp"
#include "daemon/blocking_write.hpp"
#include "daemon/private_files.hpp"
#include "daemon/told_to_end.hpp"
#include "storage/account_repository.hpp"
#include "storage/change_repository.hpp"
#include "storage/gateway_repository.hpp"

#include <algorithm>

namespace postern::daemon {
namespace {

constexpr std::int64_t kMebibyte = 1024 * 1024;

net::AddressList trusted_proxies(const config::Config& config) {
    std::vector<std::string> ranges;
    for (const config::AddressRange& range : config.proxy.trusted) {
        ranges.push_back(config::to_text(range));
    }
    auto list = net::AddressList::parse(ranges);
    POSTERN_ASSERT(list.has_value());  // the configuration is validated
    return std::move(*list);
}

net::ProxyProtocol proxy_protocol(config::ProxyProtocol protocol) {
    switch (protocol) {
        case config::ProxyProtocol::off: return net::ProxyProtocol::off;
        case config::ProxyProtocol::v1: return net::ProxyProtocol::v1;
        case config::ProxyProtocol::v2: return net::ProxyProtocol::v2;
        case config::ProxyProtocol::any: return net::ProxyProtocol::any;
    }
    return net::ProxyProtocol::off;
}

net::TlsFiles tls_files(const config::Tls& tls) {
    return {
        .certificate_file = tls.certificate_file,
        .key_file = tls.key_file,
        .min_version = tls.version_min == config::TlsVersion::tls_1_3
                           ? net::TlsFiles::MinVersion::v1_3
                           : net::TlsFiles::MinVersion::v1_2};
}

net::ServerOptions facing_the_world(const config::Config& config, std::string name) {
    return {
        .name = std::move(name),
        .limits = http_limits(config),
        .trusted_proxies = trusted_proxies(config),
        .proxy_protocol = proxy_protocol(config.proxy.protocol)};
}

std::size_t to_size(std::int64_t value) {
    return static_cast<std::size_t>(value);
}

// The account a gateway's table names, made when it is new; the default one when it names none.
Result<AccountId, storage::StoreError>
account_for(storage::Transaction& transaction, const std::string& name) {
    if (name.empty()) return storage::kDefaultAccount;
    const auto accounts = storage::list_accounts(transaction.connection());
    if (!accounts) return accounts.error();
    for (const storage::AccountRow& account : *accounts) {
        if (account.name == name) return account.id;
    }
    return storage::insert_account(transaction, name);
}

std::unique_ptr<Gateway> build_gateway(ResolvedGateway resolved) {
    auto gateway = std::make_unique<Gateway>();
    const bool live = resolved.gateway.mode == config::Mode::live;
    gateway->id = resolved.gateway.id;
    gateway->kind = resolved.kind;
    gateway->mode = live ? Gateway::Mode::live : Gateway::Mode::sandbox;
    gateway->livemode = live ? storage::Livemode::live : storage::Livemode::test;
    gateway->state = resolved.gateway.enabled ? Gateway::State::enabled : Gateway::State::disabled;
    gateway->provider = std::move(resolved.provider);
    return gateway;
}

bool register_gateway(const config::Gateway& wanted, storage::Writer& writer, Gateway& gateway) {
    auto work = [&gateway, &wanted](storage::Transaction& transaction) -> StoreResult {
        const auto account = account_for(transaction, wanted.account);
        if (!account) return account.error();
        gateway.account = *account;
        const auto number = storage::find_or_insert_gateway(
            transaction, {.name = wanted.id, .kind = wanted.kind, .account = *account}
        );
        if (!number) return number.error();
        gateway.number = *number;
        return storage::note_change(
            transaction, {storage::ChangeKind::gateway, gateway.number.value}
        );
    };
    return write_and_wait(writer, work).has_value();
}

}  // namespace

net::HttpLimits http_limits(const config::Config& config) {
    const config::Limits& from = config.limits;
    net::HttpLimits limits;
    limits.head_bytes_max = to_size(from.head_bytes_max);
    limits.field_bytes_max = to_size(from.field_bytes_max);
    limits.fields_max = to_size(from.fields_max);
    limits.target_bytes_max = to_size(from.target_bytes_max);
    limits.body_bytes_max = to_size(from.body_bytes_max);
    limits.trailer_bytes_max = to_size(from.trailer_bytes_max);
    limits.connections_max = to_size(from.connections_max);
    limits.connections_per_address_max = to_size(from.connections_per_address_max);
    limits.head_timeout = from.head_timeout;
    limits.body_timeout = from.body_timeout;
    limits.body_bytes_per_second_min = to_size(from.body_rate_min_bytes_per_second);
    limits.idle_timeout = from.idle_timeout;
    limits.write_timeout = from.write_timeout;
    limits.shutdown_timeout = from.shutdown_timeout;
    return limits;
}

net::ServerOptions public_server_options(const config::Config& config) {
    net::ServerOptions options = facing_the_world(config, "public");
    options.address = config::to_text(config.listen);
    if (config.tls.enabled() && !config.tls.listen) options.tls = tls_files(config.tls);
    return options;
}

std::optional<net::ServerOptions> tls_server_options(const config::Config& config) {
    if (!config.tls.enabled() || !config.tls.listen) return std::nullopt;
    net::ServerOptions options = facing_the_world(config, "tls");
    options.address = config::to_text(*config.tls.listen);
    options.tls = tls_files(config.tls);
    return options;
}

net::ServerOptions private_server_options(const config::Config& config) {
    return {
        .name = "private",
        .address = config::to_text(config.admin_listen),
        .limits = http_limits(config)};
}

storage::SqliteOptions store_options(const config::Config& config) {
    constexpr std::string_view scheme = "sqlite:";
    storage::SqliteOptions options;
    const std::string& url = config.storage.url;
    options.directory = url.starts_with(scheme) ? std::filesystem::path{url.substr(scheme.size())}
                                                : config.data_dir;
    options.limits.reserve_bytes =
        static_cast<std::uint64_t>(config.storage.reserve_mib * kMebibyte);
    options.limits.low_water_bytes =
        static_cast<std::uint64_t>(config.storage.low_water_mib * kMebibyte);
    return options;
}

storage::PostgresOptions postgres_options(const config::Config& config) {
    storage::PostgresOptions options;
    options.url = config.storage.url;
    const std::string& node = config.cluster.node_name;
    if (!node.empty()) options.application_name += " " + node;
    options.limits.connections_max = to_size(config.storage.connections_max);
    options.limits.statement_timeout = config.storage.statement_timeout;
    options.limits.lock_timeout = config.storage.lock_timeout;
    options.is_told_to_end = is_told_to_end;
    return options;
}

Result<std::unique_ptr<storage::Database>, Complaint>
open_database(const config::Config& config, const Clock& clock, std::function<void()> on_failure) {
    if (config.storage.is_shared()) {
        // What is of this node alone: the key, the control socket.
        if (auto complaint = make_private_folder(config.data_dir)) return std::move(*complaint);
        auto opened = storage::open_postgres(postgres_options(config), clock);
        if (!opened) return Complaint{opened.error().message};
        return std::move(*opened);
    }
    storage::SqliteOptions options = store_options(config);
    options.on_poison = [notify = std::move(on_failure)](std::string_view reason) {
        log::error("store.failed", {{"reason", reason}});
        notify();
    };
    auto opened = storage::open_sqlite(std::move(options), clock);
    if (!opened) return Complaint{opened.error().message};
    return std::move(*opened);
}

RetentionPeriods retention_periods(const config::Config& config) {
    return {
        .request_log = config.api.request_log_kept,
        .inbox = config.storage.inbox_kept,
        .events = config.storage.events_kept,
        .attempts = config.storage.attempts_kept,
        .jobs = config.storage.jobs_kept};
}

storage::WriterLimits writer_limits(const config::Config& config) {
    storage::WriterLimits limits;
    limits.queue_units_max = to_size(config.storage.queue_units_max);
    limits.queue_bytes_max = to_size(config.storage.queue_mib_max * kMebibyte);
    limits.batch_units_max = to_size(config.storage.batch_units_max);
    return limits;
}

Result<GatewayDirectory, std::vector<Complaint>>
build_gateways(std::vector<ResolvedGateway> resolved, storage::Writer& writer) {
    GatewayDirectory directory;
    std::vector<Complaint> complaints;
    for (ResolvedGateway& one : resolved) {
        const config::Gateway wanted = one.gateway;
        auto gateway = build_gateway(std::move(one));
        if (register_gateway(wanted, writer, *gateway)) {
            directory.add(std::move(gateway));
        } else {
            complaints.push_back(Complaint{"gateway " + wanted.id + ": the store did not take it"});
        }
    }
    if (!complaints.empty()) return complaints;
    return directory;
}

}  // namespace postern::daemon
