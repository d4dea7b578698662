#pragma once

#include "payments/domain/ids.hpp"
#include "payments/domain/values.hpp"

#include <optional>
#include <string>

namespace postern::payments {

struct Customer {
    CustomerId id;
    Owner owner;
    std::string external_id;  // the R Commerce dialect's UUID for it; empty: it has none of its own
    std::string email, name, phone, description;
    std::optional<Address> address;
    std::optional<Shipping> shipping;
    Metadata metadata;
    std::optional<PaymentMethodId> default_method;
    std::int64_t methods = 0;  // attached now
    TimePoint created_at;
    std::optional<TimePoint> deleted_at;
    bool operator==(const Customer&) const = default;
};

}  // namespace postern::payments
