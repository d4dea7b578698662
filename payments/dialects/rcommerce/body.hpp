#pragma once

#include "core/json_document.hpp"
#include "payments/dialects/rcommerce/errors.hpp"
#include "payments/domain/values.hpp"

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::payments::rcommerce {

inline constexpr std::size_t kTextCharactersMax = 255;
inline constexpr std::size_t kUrlCharactersMax = 2'048;

// Reads a JSON body field by field, remembers what was asked for, and collects every complaint, so
// that a caller sees all mistakes at once, among them a name that comes twice. No body is an object
// without fields; null is as if the field were not there. Values point into the body's own copy: it
// must outlive them.
class Body {
 public:
    explicit Body(const Call& call);

    bool has(std::string_view name) const { return object()[name].exists(); }
    // The whole, for readers of bodies that are themselves a method; missing when there is none.
    JsonValue object() const;
    JsonValue value(std::string_view name);
    std::optional<std::string>
    text(std::string_view name, std::size_t characters_max = kTextCharactersMax);
    // One of the words.
    std::optional<std::string> word(std::string_view name, std::span<const std::string_view> words);
    std::optional<bool> flag(std::string_view name);
    std::optional<std::string> email(std::string_view name);
    std::optional<std::string> url(std::string_view name);
    // Numbers and flags are taken as they are spelled.
    Metadata metadata();
    // Of three letters; one that no list knows is INVALID_CURRENCY.
    std::optional<Currency> currency();
    // As it was sent, for amounts whose currency the stored payment tells; no text is a fault.
    std::optional<std::string> amount_text();
    // amount and currency, both required, within the limits of a payment.
    std::optional<Money> money();
    std::string idempotency_key();

    Language language() const { return audience_.language; }
    const Audience& audience() const { return audience_; }
    void require(std::string_view name);
    void complain(std::string_view name, std::string message);
    void complain(std::string_view name, Text message);
    // A fault with a code of its own; the first counts.
    void refuse(Fault fault);
    bool is_good() const { return !fault_ && complaints_.empty(); }
    // Everything wrong, among it fields that nobody asked for.
    std::optional<HttpReply> finish();

 private:
    void add_metadata(Metadata& metadata, const JsonMember& member);

    Audience audience_;
    std::optional<JsonDocument> document_;
    std::set<std::string, std::less<>> known_;
    std::vector<FieldFault> complaints_;
    std::optional<Fault> fault_;
};

// "59.49" of that currency as a fault says it, or its minor units.
Result<std::int64_t, Fault>
read_amount(std::string_view decimal, const Currency& currency, Language language);

std::size_t count_characters(std::string_view utf8);
bool is_email(std::string_view text);

}  // namespace postern::payments::rcommerce
