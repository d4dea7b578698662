#include "daemon/reload.hpp"

#include "core/log.hpp"
#include "daemon/assembly.hpp"
#include "redis/url.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace postern::daemon {
namespace {

using Complaints = std::vector<Complaint>;

// With the gateways written out that no file names, two configurations can be compared.
config::Config with_all_gateways(config::Config config) {
    config.gateways = gateways_of(config, verifiers::provider_kinds());
    return config;
}

Result<ListenerTerms, Complaint> make_terms(const config::Config& config) {
    ListenerTerms terms;
    auto public_side = net::make_server_terms(public_server_options(config));
    if (!public_side) return public_side.error();
    terms.public_side = std::move(*public_side);
    auto private_side = net::make_server_terms(private_server_options(config));
    if (!private_side) return private_side.error();
    terms.private_side = std::move(*private_side);
    if (const auto options = tls_server_options(config)) {
        auto tls_side = net::make_server_terms(*options);
        if (!tls_side) return tls_side.error();
        terms.tls_side = std::move(*tls_side);
    }
    return terms;
}

Result<std::vector<ResolvedGateway>, Complaints>
make_gateways(const config::Config& config, MissingSecrets missing) {
    return make_gateway_settings(
        config,
        {.data_dir = config.data_dir, .kinds = verifiers::provider_kinds(), .missing = missing}
    );
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        if (!text.empty()) text += ", ";
        text += name;
    }
    return text;
}

bool is_as_before(const config::Gateway& gateway, const config::Config& running) {
    const auto& gateways = running.gateways;
    return std::find(gateways.begin(), gateways.end(), gateway) != gateways.end();
}

}  // namespace

std::vector<Complaint> complaints_about(const config::Config& config) {
    if (config.storage.is_shared()) {
        const auto judged = storage::check_postgres_url(config.storage.url);
        if (!judged) return {Complaint{"[storage] url: " + judged.error().message}};
    }
    if (!config.queue.url.empty()) {
        const auto options = redis::parse_url(config.queue.url);
        if (!options) return {Complaint{"[queue] url: " + options.error().message}};
    }
    const auto gateways = make_gateways(config, MissingSecrets::invent);
    if (!gateways) return gateways.error();
    const auto terms = make_terms(config);
    if (!terms) return {terms.error()};
    return {};
}

struct Reloader::Ready {
    config::Changes changes;
    ListenerTerms terms;
    std::vector<ResolvedGateway> gateways;  // those that change
};

Reloader::Reloader(Parts parts) : parts_{std::move(parts)} {
    parts_.running = with_all_gateways(std::move(parts_.running));
}

Result<Reloader::Ready, Complaints> Reloader::prepare() const {
    const auto read = parts_.read();
    if (!read) return read.error();
    // Also what only the next start takes must be in order: a restart is no moment for surprises.
    if (Complaints found = complaints_about(*read); !found.empty()) return found;
    Ready ready{
        .changes = config::changes_between(parts_.running, with_all_gateways(*read)),
        .terms = {},
        .gateways = {}};
    const config::Config& taken = ready.changes.taken;
    auto terms = make_terms(taken);
    if (!terms) return Complaints{terms.error()};
    ready.terms = std::move(*terms);
    auto gateways = make_gateways(taken, MissingSecrets::create);
    if (!gateways) return gateways.error();
    for (std::size_t i = 0; i < gateways->size(); ++i) {
        if (is_as_before(taken.gateways[i], parts_.running)) continue;
        ready.gateways.push_back(std::move((*gateways)[i]));
    }
    return ready;
}

// No file that is read here may end a daemon that works.
Result<Reloader::Ready, Complaints> Reloader::prepare_or_explain() const {
    try {
        return prepare();
    } catch (const std::exception& exception) {
        return Complaints{Complaint{exception.what()}};
    }
}

void Reloader::take(Ready ready) {
    parts_.target.take_log(ready.changes.taken.log);
    parts_.target.take_terms(ready.terms);
    for (ResolvedGateway& gateway : ready.gateways) {
        parts_.target.take_gateway(std::move(gateway));
    }
    parts_.running = std::move(ready.changes.taken);
}

std::string Reloader::reload() {
    auto ready = prepare_or_explain();
    if (!ready) {
        const Complaints& complaints = ready.error();
        for (const Complaint& complaint : complaints) {
            log::error("daemon.reload_refused", {{"why", complaint.message}});
        }
        return "Reload refused, the configuration before it stays: " + complaints.front().message;
    }
    const std::string at_once = joined(ready->changes.at_once);
    const std::string at_restart = joined(ready->changes.at_restart);
    take(std::move(*ready));
    log::info("daemon.reloaded", {{"changed", at_once}});
    if (at_restart.empty()) return "Reloaded";
    log::warn("daemon.restart_needed", {{"changed", at_restart}});
    return "Reloaded; these take effect at the next start: " + at_restart;
}

}  // namespace postern::daemon
