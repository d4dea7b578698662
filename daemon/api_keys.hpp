#pragma once

#include "core/result.hpp"
#include "daemon/key_rights.hpp"
#include "daemon/store.hpp"
#include "storage/api_key_repository.hpp"
#include "storage/values.hpp"

#include <chrono>
#include <cstdint>
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
    storage::KeyKind kind = storage::KeyKind::secret;
    ApiKeyId key = {};
    KeyScopes scopes = {};
    KeyPlan plan = KeyPlan::of_mode;
    std::optional<TimePoint> expires_at = std::nullopt;

    bool operator==(const Identity&) const = default;
};

// What a key's beginning says: "sk_test_", "rk_live_", "pk_test_" …
struct ApiKeyForm {
    storage::KeyKind kind = storage::KeyKind::secret;
    storage::Livemode livemode = storage::Livemode::test;

    bool operator==(const ApiKeyForm&) const = default;
};

// nullopt: no key of ours looks like that, so the store need not be asked.
std::optional<ApiKeyForm> api_key_form(std::string_view key);

std::string make_api_key(const ApiKeyForm& form);

Identity identity_of(const storage::ApiKeyRow& row);

// "secret", "restricted", "publishable".
std::string_view to_text(storage::KeyKind kind);

// The key is not stored. The pepper comes from the store's own keys, so that a leaked table of
// hashes alone is no use to somebody who guesses.
std::string hash_api_key(const storage::StoreKeys& keys, std::string_view key);

std::string api_key_hint(std::string_view key);    // "sk_test_…1234", for lists of keys
std::string masked_api_key(std::string_view key);  // "sk_test_****1234", for answers; any text

// Keys that the store has just confirmed, by hash, so that not every call costs a read. An entry is
// believed for a few seconds only; one that this process revoked is forgotten at once, and one that
// another node revoked when this node hears of it.
class ProvenKeys {
 public:
    static constexpr std::chrono::seconds kBelievedFor{10};
    static constexpr std::size_t kKeysMax = 1'024;

    std::optional<Identity> find(std::string_view hash, TimePoint now);
    // What was read from the store before a key was forgotten may be that key as it was before:
    // whoever asks the store takes this number first and gives it back with the answer.
    std::uint64_t forgotten() const;
    struct Proof {
        Identity identity;
        TimePoint proven_at;
        std::uint64_t forgotten_before = 0;
    };
    void remember(std::string hash, const Proof& proof);
    void forget(ApiKeyId key);
    void forget_all();
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
    std::uint64_t forgotten_ = 0;
};

// What the operator wants the first keys to be; empty: random ones.
struct BootstrapKeys {
    std::string_view secret;
    std::string_view restricted;
};

// Sees to it that the default account has a secret, a restricted and a publishable key. Gives the
// clear text of the random ones it made, the secret one first: they can be shown this once and
// never again. A wanted key that the store does not have is added, whatever keys there are.
[[nodiscard]] Result<std::vector<std::string>, Complaint>
ensure_first_keys(Store& store, const BootstrapKeys& wanted);

}  // namespace postern::daemon
