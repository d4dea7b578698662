#pragma once

#include "core/result.hpp"
#include "daemon/store.hpp"
#include "storage/values.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon {

// Who asks, as the API key says it.
struct Identity {
    AccountId account;
    storage::Livemode livemode = storage::Livemode::test;
    storage::KeyScope scope = storage::KeyScope::full;

    bool operator==(const Identity&) const = default;
};

// What a key's beginning says: "sk_test_", "sk_live_", "rk_test_", "rk_live_".
struct ApiKeyForm {
    storage::KeyScope scope = storage::KeyScope::full;
    storage::Livemode livemode = storage::Livemode::test;

    bool operator==(const ApiKeyForm&) const = default;
};

// nullopt: no key of ours looks like that, so the store need not be asked.
std::optional<ApiKeyForm> api_key_form(std::string_view key);

std::string make_api_key(const ApiKeyForm& form);

// The key is not stored. The pepper comes from the store's own keys, so that a leaked table of
// hashes alone is no use to somebody who guesses.
std::string hash_api_key(const storage::StoreKeys& keys, std::string_view key);

std::string api_key_hint(std::string_view key);    // "sk_test_…1234", for lists of keys
std::string masked_api_key(std::string_view key);  // "sk_test_****1234", for answers; any text

// Keys that the store has just confirmed, by hash, so that not every call costs a read. An entry is
// believed for a few seconds only, which is how long a revoked key may still work.
class ProvenKeys {
 public:
    static constexpr std::chrono::seconds kBelievedFor{10};
    static constexpr std::size_t kKeysMax = 1'024;

    std::optional<Identity> find(std::string_view hash, TimePoint now);
    void remember(std::string hash, const Identity& identity, TimePoint now);
    std::size_t size() const;

 private:
    struct Entry {
        Identity identity;
        TimePoint proven_at;
    };
    static bool is_stale(const Entry& entry, TimePoint now);
    void make_room(TimePoint now);

    mutable std::mutex mutex_;
    std::map<std::string, Entry, std::less<>> entries_;
};

// What the operator wants the first keys to be; empty: random ones.
struct BootstrapKeys {
    std::string_view secret;
    std::string_view restricted;
};

// Sees to it that the default account has a secret and a restricted key. Gives the clear text of
// the random ones it made, the secret one first: they can be shown this once and never again. A
// wanted key that the store does not have is added, whatever keys there are.
[[nodiscard]] Result<std::vector<std::string>, Complaint>
ensure_first_keys(Store& store, const BootstrapKeys& wanted);

}  // namespace postern::daemon
