#include "payments/records/payment_records.hpp"
#include "payments/records/payment_row.hpp"
#include "payments/records/rows.hpp"

namespace postern::payments {
namespace {

// Each of the three indexes goes on with the id. The most telling one is left to the statement; a
// plus keeps the others away.
storage::ListQuery list_of(const PaymentFilter& filter) {
    storage::ListQuery list;
    if (filter.customer) {
        where_owner_checked(list, filter.owner);
        list.where("customer_id =", filter.customer->value);
        if (filter.status) list.where("+status =", stored(*filter.status));
    } else {
        where_owner(list, filter.owner);
        if (filter.status) list.where("status =", stored(*filter.status));
    }
    where_created(list, filter.created_from, filter.created_until);
    return list;
}

}  // namespace

Result<storage::Page<Payment>, StoreError> list_payments(
    Connection& connection,
    const PaymentFilter& filter,
    const storage::PageRequest<PaymentId>& page
) {
    storage::ListQuery list = list_of(filter);
    list.after(stored_id(page.after), page.order);
    auto query = connection.query(list.text(kSelectPayment));
    list.bind_to(query, page.rows_max);
    return read_rows_of_page<Payment>(query, page.rows_max, read_payment);
}

}  // namespace postern::payments
