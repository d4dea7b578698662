#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "storage/values.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::payments {

// Every object belongs to an account and to one of its modes; the two never see each other.
struct Owner {
    AccountId account;
    storage::Livemode livemode = storage::Livemode::test;
    auto operator<=>(const Owner&) const = default;
};

// ISO 4217, three letters, kept in lower case.
class Currency {
 public:
    Currency() = default;
    // Either case; nullopt for what no ISO 4217 list of money in use has.
    static std::optional<Currency> parse(std::string_view text);

    std::string_view lower() const { return {code_.data(), code_.size()}; }
    std::string upper() const;
    int exponent() const;
    auto operator<=>(const Currency&) const = default;

 private:
    explicit Currency(std::array<char, 3> code) : code_{code} {}
    std::array<char, 3> code_{'u', 's', 'd'};
};

inline constexpr std::int64_t kAmountMinorMin = 50;
inline constexpr std::int64_t kAmountMinorMax = 99'999'999;

struct Money {
    std::int64_t minor = 0;
    Currency currency;
    bool operator==(const Money&) const = default;
};

// "99.99" exactly, at most two places (three in a currency that has three: what decimal_text
// prints can be sent back), no sign, no exponent; nullopt for everything else, and for what is no
// whole number of the currency's minor units.
std::optional<std::int64_t> minor_from_decimal(std::string_view decimal, const Currency& currency);
// The amount as it is printed, in thousandths of the currency's unit: what amounts of different
// currencies are compared by, since no currency here has more than three places.
std::int64_t thousandths_of(const Money& money);
std::int64_t thousandths_per_minor(const Currency& currency);
// "5.005" of any currency: at most three places, and below kThousandthsEnd; nullopt otherwise.
inline constexpr std::int64_t kThousandthsEnd = std::numeric_limits<std::int64_t>::max();
std::optional<std::int64_t> thousandths_from_decimal(std::string_view decimal);
// Two places, or three where the third is needed to be exact.
std::string decimal_text(const Money& money);

// In the order given; names are unique.
using Metadata = std::vector<std::pair<std::string, std::string>>;
inline constexpr std::size_t kMetadataPairsMax = 50;
inline constexpr std::size_t kMetadataNameMax = 40;
inline constexpr std::size_t kMetadataValueMax = 500;
inline constexpr std::size_t kDescriptionCharactersMax = 350;
inline constexpr std::int64_t kCustomersMax = 50'000;
inline constexpr std::int64_t kMethodsPerCustomerMax = 500;

struct Address {
    std::string line1, line2, city, state, postal_code, country;
    bool operator==(const Address&) const = default;
};
struct BillingDetails {
    std::string name, email, phone;
    std::optional<Address> address;
    bool operator==(const BillingDetails&) const = default;
};
struct Shipping {
    std::string name, phone, carrier, tracking_number;
    Address address;
    bool operator==(const Shipping&) const = default;
};

}  // namespace postern::payments
