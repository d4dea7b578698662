#include "daemon/api_keys.hpp"

#include "core/bytes.hpp"
#include "daemon/blocking_write.hpp"
#include "storage/account_repository.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace postern::daemon {

using storage::ApiKeyRow;
using storage::KeyKind;
using storage::Livemode;
using storage::StoreError;

namespace {

struct Prefix {
    std::string_view text;
    ApiKeyForm form;
};

constexpr std::array kPrefixes = {
    Prefix{"sk_test_", {KeyKind::secret, Livemode::test}},
    Prefix{"sk_live_", {KeyKind::secret, Livemode::live}},
    Prefix{"rk_test_", {KeyKind::restricted, Livemode::test}},
    Prefix{"rk_live_", {KeyKind::restricted, Livemode::live}},
    Prefix{"pk_test_", {KeyKind::publishable, Livemode::test}},
    Prefix{"pk_live_", {KeyKind::publishable, Livemode::live}},
};

constexpr std::size_t kRandomBytes = 24;
constexpr std::size_t kShownCharacters = 4;
constexpr std::size_t kKeyBytesMax = 255;
// After the prefix. A key to live data has to be out of reach of guessing; test data is not worth a
// rule. The end of a key is shown only where enough of it stays unknown.
constexpr std::size_t kTestCharactersMin = 1;
constexpr std::size_t kLiveCharactersMin = 16;
constexpr std::size_t kShownFromCharacters = 8;
constexpr std::string_view kPepperPurpose = "postern api keys 1";

const Prefix* prefix_of(std::string_view key) {
    for (const Prefix& prefix : kPrefixes) {
        if (key.starts_with(prefix.text)) return &prefix;
    }
    return nullptr;
}

bool is_key_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || c == '-';
}

void append_number(std::string& out, std::uint64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>((number >> shift) & 0xff);
}

std::string pepper(const storage::StoreKeys& keys) {
    std::string secret;
    for (const SipKey& key : {keys.ids, keys.dedupe}) {
        append_number(secret, key.first);
        append_number(secret, key.second);
    }
    return HmacKey{HashAlgorithm::sha256, secret}.sign({kPepperPurpose});
}

std::string shortened(std::string_view key, std::string_view middle) {
    const Prefix* prefix = prefix_of(key);
    if (prefix == nullptr) return std::string{middle};
    std::string text{prefix->text};
    text += middle;
    const std::string_view rest = key.substr(prefix->text.size());
    if (rest.size() < kShownFromCharacters) return text;
    const std::string_view end = rest.substr(rest.size() - kShownCharacters);
    if (std::all_of(end.begin(), end.end(), is_key_character)) text += end;
    return text;
}

struct Wanted {
    KeyKind kind;
    std::string_view setting;  // the name under which the operator knows it
    std::string_view given;    // empty: a random one, if there is none yet
};

std::optional<Complaint> complaint_about(const Wanted& wanted) {
    if (wanted.given.empty()) return std::nullopt;
    std::string message{wanted.setting};
    const auto form = api_key_form(wanted.given);
    if (!form || form->kind != wanted.kind) {
        const std::string letters = wanted.kind == KeyKind::secret ? "sk" : "rk";
        message +=
            " must begin with " + letters + "_test_ or " + letters + "_live_ and go on with ";
        message += "letters, digits, '_' or '-': at least " + std::to_string(kLiveCharactersMin);
        message += " of them for a live key";
        return Complaint{std::move(message)};
    }
    return std::nullopt;
}

bool has_kind(const std::vector<ApiKeyRow>& rows, KeyKind kind) {
    return std::any_of(rows.begin(), rows.end(), [kind](const ApiKeyRow& row) {
        return row.kind == kind;
    });
}

bool has_hash(const std::vector<ApiKeyRow>& rows, const std::string& hash) {
    return std::any_of(rows.begin(), rows.end(), [&hash](const ApiKeyRow& row) {
        return row.key_hash == hash;
    });
}

StoreResult insert_key(
    storage::Transaction& transaction,
    const storage::StoreKeys& keys,
    std::string_view key
) {
    const auto form = api_key_form(key);
    const auto inserted = storage::insert_api_key(
        transaction,
        {.account = storage::kDefaultAccount,
         .livemode = form->livemode,
         .kind = form->kind,
         .key_hash = hash_api_key(keys, key),
         .hint = api_key_hint(key)}
    );
    if (!inserted) return inserted.error();
    return {};
}

// May run more than once before it commits, so `made` starts empty each time.
StoreResult ensure_keys(
    storage::Transaction& transaction,
    const storage::StoreKeys& keys,
    std::span<const Wanted> all_wanted,
    std::vector<std::string>& made
) {
    made.clear();
    const auto rows = storage::list_api_keys(transaction.connection(), std::nullopt);
    if (!rows) return rows.error();
    for (const Wanted& wanted : all_wanted) {
        std::string key{wanted.given};
        if (key.empty()) {
            if (has_kind(*rows, wanted.kind)) continue;
            key = make_api_key({.kind = wanted.kind, .livemode = Livemode::test});
            made.push_back(key);
        } else if (has_hash(*rows, hash_api_key(keys, key))) {
            continue;
        }
        const auto inserted = insert_key(transaction, keys, key);
        if (!inserted) return inserted.error();
    }
    return {};
}

}  // namespace

std::optional<ApiKeyForm> api_key_form(std::string_view key) {
    const Prefix* prefix = prefix_of(key);
    if (prefix == nullptr || key.size() > kKeyBytesMax) return std::nullopt;
    const std::string_view rest = key.substr(prefix->text.size());
    const bool live = prefix->form.livemode == Livemode::live;
    if (rest.size() < (live ? kLiveCharactersMin : kTestCharactersMin)) return std::nullopt;
    if (!std::all_of(rest.begin(), rest.end(), is_key_character)) return std::nullopt;
    return prefix->form;
}

std::string make_api_key(const ApiKeyForm& form) {
    const auto prefix = std::find_if(kPrefixes.begin(), kPrefixes.end(), [&form](const Prefix& p) {
        return p.form == form;
    });
    return std::string{prefix->text} + to_hex(random_bytes(kRandomBytes));
}

// A plan that this program does not know is as if none were named.
Identity identity_of(const ApiKeyRow& row) {
    return {
        .account = row.account,
        .livemode = row.livemode,
        .kind = row.kind,
        .key = row.id,
        .scopes = read_key_scopes(row.scopes),
        .plan = parse_key_plan(row.plan).value_or(KeyPlan::of_mode),
        .expires_at = row.expires_at};
}

std::string_view to_text(KeyKind kind) {
    switch (kind) {
        case KeyKind::secret: return "secret";
        case KeyKind::restricted: return "restricted";
        case KeyKind::publishable: return "publishable";
    }
    return {};
}

std::string hash_api_key(const storage::StoreKeys& keys, std::string_view key) {
    return HmacKey{HashAlgorithm::sha256, pepper(keys)}.sign({key});
}

std::string api_key_hint(std::string_view key) {
    return shortened(key, "…");
}

std::string masked_api_key(std::string_view key) {
    return shortened(key, "****");
}

std::optional<Identity> ProvenKeys::find(std::string_view hash, TimePoint now) {
    const std::lock_guard lock{mutex_};
    const auto found = entries_.find(hash);
    if (found == entries_.end()) return std::nullopt;
    if (is_stale(found->second, now)) {
        entries_.erase(found);
        return std::nullopt;
    }
    return found->second.identity;
}

std::uint64_t ProvenKeys::forgotten() const {
    const std::lock_guard lock{mutex_};
    return forgotten_;
}

void ProvenKeys::remember(std::string hash, const Proof& proof) {
    const std::lock_guard lock{mutex_};
    if (proof.forgotten_before != forgotten_) return;
    if (entries_.size() >= kKeysMax) make_room(proof.proven_at);
    entries_.insert_or_assign(std::move(hash), Entry{proof.identity, proof.proven_at});
}

void ProvenKeys::forget(ApiKeyId key) {
    const std::lock_guard lock{mutex_};
    ++forgotten_;
    std::erase_if(entries_, [key](const auto& entry) { return entry.second.identity.key == key; });
}

void ProvenKeys::forget_all() {
    const std::lock_guard lock{mutex_};
    ++forgotten_;
    entries_.clear();
}

std::size_t ProvenKeys::size() const {
    const std::lock_guard lock{mutex_};
    return entries_.size();
}

// A clock that was set back must not make an old proof young again.
bool ProvenKeys::is_stale(const Entry& entry, TimePoint now) {
    const auto& expires_at = entry.identity.expires_at;
    if (expires_at && now >= *expires_at) return true;
    return now < entry.proven_at || now - entry.proven_at >= kBelievedFor;
}

void ProvenKeys::make_room(TimePoint now) {
    std::erase_if(entries_, [now](const auto& entry) { return is_stale(entry.second, now); });
    if (entries_.size() < kKeysMax) return;
    const auto oldest =
        std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
            return a.second.proven_at < b.second.proven_at;
        });
    entries_.erase(oldest);
}

Result<std::vector<std::string>, Complaint>
ensure_first_keys(Store& store, const BootstrapKeys& wanted) {
    const std::array<Wanted, 3> all_wanted = {
        Wanted{KeyKind::secret, "bootstrap_secret_key", wanted.secret},
        Wanted{KeyKind::restricted, "bootstrap_restricted_key", wanted.restricted},
        Wanted{KeyKind::publishable, {}, {}}};
    for (const Wanted& one : all_wanted) {
        if (auto complaint = complaint_about(one)) return std::move(*complaint);
    }
    std::vector<std::string> made;
    const auto work = [&store, &all_wanted, &made](storage::Transaction& transaction) {
        return ensure_keys(transaction, store.database.keys(), all_wanted, made);
    };
    const auto written = write_and_wait(store.writer, work);
    if (!written) {
        std::string message = "the first API keys could not be stored: the store answered ";
        message += to_text(written.error());
        return Complaint{std::move(message)};
    }
    return made;
}

}  // namespace postern::daemon
