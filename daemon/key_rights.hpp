#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What a key may do beyond what its kind says, as the store and the API spell it.
namespace postern::daemon {

// What a restricted key may be narrowed to. Stored as text, so the order is free.
enum class KeyScope : std::uint8_t {
    payments_read,
    customers_read,
    balance_read,
    events_read,
    webhooks_read,
    requests_read,
};

std::string_view to_text(KeyScope scope);  // "payments:read"
std::optional<KeyScope> parse_key_scope(std::string_view text);
std::span<const KeyScope> all_key_scopes();

// No scope at all is no narrowing.
class KeyScopes {
 public:
    void add(KeyScope scope) { bits_ |= bit_of(scope); }
    bool has(KeyScope scope) const { return (bits_ & bit_of(scope)) != 0; }
    bool narrow() const { return bits_ != 0; }
    bool allow(KeyScope scope) const { return !narrow() || has(scope); }

    bool operator==(const KeyScopes&) const = default;

 private:
    static std::uint32_t bit_of(KeyScope scope) { return 1U << static_cast<unsigned>(scope); }

    std::uint32_t bits_ = 0;
};

// As the store keeps them: "payments:read,events:read". A scope that this program does not know
// allows nothing, so a key of a newer program is never wider here.
KeyScopes read_key_scopes(std::string_view stored);
std::string stored_text(const KeyScopes& scopes);

// The scope that a key needs to read what stands at that path or route.
KeyScope scope_of(std::string_view path);

// How much a key may ask.
enum class KeyPlan : std::uint8_t { of_mode, test, live, standard, enterprise };

std::string_view to_text(KeyPlan plan);  // "" for of_mode
std::optional<KeyPlan> parse_key_plan(std::string_view text);

}  // namespace postern::daemon
