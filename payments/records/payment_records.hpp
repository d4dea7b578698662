#pragma once

#include "payments/domain/payment.hpp"
#include "payments/domain/values.hpp"
#include "payments/failure.hpp"
#include "storage/database.hpp"
#include "storage/paging.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace postern::payments {

using storage::Connection;
using storage::Transaction;

// The R Commerce dialect's words, stored beside the status so that its lists can use an index.
enum class FaceStatus : std::uint8_t { pending, processing, succeeded, failed, canceled, refunded };
inline constexpr std::size_t kFaceStatusCount = 6;
FaceStatus face_status_of(const Payment& payment);
std::string_view to_text(FaceStatus status);
std::optional<FaceStatus> face_status_from_text(std::string_view text);

// Gives id (unless it is set), number, and the moments; writes the metadata's search rows.
[[nodiscard]] Result<void, StoreError> insert_payment(Transaction& transaction, Payment& payment);
// Where the stored version is the payment's; the stored one becomes one more, and the payment's.
// False: somebody else was faster. `before` is what was read: unchanged metadata is not rewritten.
[[nodiscard]] Result<bool, StoreError>
update_payment(Transaction& transaction, Payment& payment, const Payment& before);

[[nodiscard]] Result<std::optional<Payment>, StoreError>
find_payment(Connection& connection, Owner owner, PaymentId id);
struct GatewayObject {
    storage::GatewayNumber gateway;
    std::string_view id;
};
[[nodiscard]] Result<std::optional<Payment>, StoreError>
find_payment_by_gateway_id(Connection& connection, const GatewayObject& which);
// Whether there is a payment at all, anybody's.
[[nodiscard]] Result<bool, StoreError> has_payments(Connection& connection);

// Lists by cursor, newest first (the /v1 dialect) or oldest first.
struct PaymentFilter {
    Owner owner;
    std::optional<CustomerId> customer;
    std::optional<PaymentStatus> status;
    std::optional<TimePoint> created_from;   // included, to the second
    std::optional<TimePoint> created_until;  // not included
};
[[nodiscard]] Result<storage::Page<Payment>, StoreError> list_payments(
    Connection& connection,
    const PaymentFilter& filter,
    const storage::PageRequest<PaymentId>& page
);

// Lists by page number (the R Commerce dialect), at the same cost at any depth; but payments of a
// range of amounts, in the order of creation, are walked to the page from the nearer end.
struct NumberedPage {
    std::int64_t page = 1;
    std::int64_t per_page = 20;
    enum class Sort : std::uint8_t { created_at, amount } sort = Sort::created_at;
    storage::Order order = storage::Order::newest_first;
};
struct FacePaymentFilter {
    Owner owner;
    std::string order_id;  // empty: any
    std::optional<CustomerId> customer;
    std::optional<storage::GatewayNumber> gateway;
    std::optional<FaceStatus> status;
    std::optional<std::int64_t> min_thousandths, max_thousandths;  // included; of any currency
    std::optional<TimePoint> created_after, created_before;        // not included
};
struct PaymentPage {
    std::vector<Payment> payments;
    std::int64_t total = 0;
};
[[nodiscard]] Result<PaymentPage, StoreError> list_payments_by_page(
    Connection& connection,
    const FacePaymentFilter& filter,
    const NumberedPage& page
);

}  // namespace postern::payments
