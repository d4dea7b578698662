#include "config/changes.hpp"

#include "config/keys.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace postern::config {
namespace {

// Every key with its value as text: only to be compared, never to be shown.
class Collector final : public KeyVisitor {
 public:
    void begin_section(std::string_view name) override {
        prefix_ = name.empty() ? std::string{} : std::string{name} + '.';
    }
    void text(std::string_view key, std::string& value, TextProblem) override { add(key, value); }
    void texts(std::string_view key, std::vector<std::string>& values, TextProblem) override {
        std::string joined;
        for (const std::string& value : values) joined += value + '\n';
        add(key, std::move(joined));
    }
    void flag(std::string_view key, bool& value) override { add(key, value ? "true" : "false"); }
    void integer(std::string_view key, std::int64_t& value, Range) override {
        add(key, std::to_string(value));
    }
    void choice(std::string_view key, std::size_t& value, std::span<const std::string_view>)
        override {
        add(key, std::to_string(value));
    }
    void secret(std::string_view key, std::string& value, TextProblem) override { add(key, value); }
    void file(std::string_view key, std::filesystem::path& value) override {
        add(key, value.string());
    }

    std::vector<std::pair<std::string, std::string>> found;  // in the order of the keys

 private:
    void add(std::string_view key, std::string value) {
        found.emplace_back(prefix_ + std::string{key}, std::move(value));
    }
    std::string prefix_;
};

std::vector<std::pair<std::string, std::string>> values_of(Config config) {
    Collector collector;
    visit_keys(config, collector);
    return std::move(collector.found);
}

std::vector<std::string> differing_keys(const Config& one, const Config& other) {
    const auto left = values_of(one);
    const auto right = values_of(other);
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (left[i].second != right[i].second) keys.push_back(left[i].first);
    }
    return keys;
}

// Everything that is asked anew for each connection. Whether there is TLS decides which addresses
// there are, so only one certificate may take the place of another.
Config with_what_can_be_taken(const Config& before, const Config& after) {
    Config taken = before;
    taken.log = after.log;
    taken.proxy = after.proxy;
    taken.limits = after.limits;
    taken.limits.store_wait = before.limits.store_wait;
    if (before.tls.enabled() && after.tls.enabled()) {
        taken.tls.certificate_file = after.tls.certificate_file;
        taken.tls.key_file = after.tls.key_file;
        taken.tls.version_min = after.tls.version_min;
    }
    return taken;
}

bool is_the_same_but_for_settings(const Gateway& one, const Gateway& other) {
    return one.kind == other.kind && one.mode == other.mode && one.account == other.account;
}

// The payment API chooses among the sandbox's gateways when it is opened.
bool may_be_switched(const Gateway& gateway, const Config& config) {
    return gateway.mode == Mode::live || !config.payments.enabled;
}

using ById = std::map<std::string, const Gateway*>;

ById by_id(const std::vector<Gateway>& gateways) {
    ById found;
    for (const Gateway& gateway : gateways) found.emplace(gateway.id, &gateway);
    return found;
}

void compare_gateways(const Config& before, const Config& after, Changes& changes) {
    const ById wanted = by_id(after.gateways);
    for (Gateway& gateway : changes.taken.gateways) {
        const auto found = wanted.find(gateway.id);
        const std::string name = "gateway " + gateway.id;
        if (found == wanted.end() || !is_the_same_but_for_settings(gateway, *found->second)) {
            changes.at_restart.push_back(name);
            continue;
        }
        const Gateway& fresh = *found->second;
        if (gateway.settings != fresh.settings) changes.at_once.push_back(name);
        gateway.settings = fresh.settings;
        if (gateway.enabled == fresh.enabled) continue;
        const bool switched = may_be_switched(gateway, before);
        (switched ? changes.at_once : changes.at_restart).push_back(name + ".enabled");
        if (switched) gateway.enabled = fresh.enabled;
    }
    const ById known = by_id(before.gateways);
    for (const auto& [id, gateway] : wanted) {
        if (!known.contains(id)) changes.at_restart.push_back("gateway " + id);
    }
}

}  // namespace

Changes changes_between(const Config& before, const Config& after) {
    Changes changes{
        .taken = with_what_can_be_taken(before, after), .at_once = {}, .at_restart = {}};
    changes.at_once = differing_keys(before, changes.taken);
    changes.at_restart = differing_keys(changes.taken, after);
    compare_gateways(before, after, changes);
    return changes;
}

}  // namespace postern::config
