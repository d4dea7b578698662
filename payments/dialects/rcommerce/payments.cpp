#include "payments/dialects/rcommerce/customer_ref.hpp"
#include "payments/dialects/rcommerce/endpoints.hpp"
#include "payments/dialects/rcommerce/filters.hpp"
#include "payments/dialects/rcommerce/payment_input.hpp"
#include "payments/views/rcommerce_objects.hpp"

namespace postern::payments::rcommerce {
namespace {

constexpr std::string_view kStatusWords[] =
    {"pending", "processing", "succeeded", "failed", "canceled", "refunded"};
constexpr std::string_view kSortWords[] = {"created_at", "amount"};

struct ListWish {
    FacePaymentFilter filter;
    NumberedPage page;
    std::string customer;  // as it was spelled; empty: any
};

ListWish read_wish(const Call& call, Filters& filters) {
    ListWish wish;
    FacePaymentFilter& filter = wish.filter;
    filter.owner = call.caller.owner;
    wish.page = filters.page();
    filter.order_id = filters.text("order_id").value_or("");
    wish.customer = filters.text("customer_id").value_or("");
    if (!wish.customer.empty() && !is_customer_spelling(call.around.ids, wish.customer)) {
        filters.complain("customer_id", Text::not_an_id);
    }
    filter.gateway = filters.gateway(call.around.gateways);
    if (const auto status = filters.word("status", kStatusWords)) {
        filter.status = face_status_from_text(*status);
    }
    filter.min_thousandths = filters.amount("min_amount");
    filter.max_thousandths = filters.amount("max_amount");
    filter.created_after = filters.time("created_after");
    filter.created_before = filters.time("created_before");
    if (filters.word("sort", kSortWords) == "amount") wish.page.sort = NumberedPage::Sort::amount;
    wish.page.order = filters.order();
    return wish;
}

Result<std::string, StoreError> rows_json(const Books& books, std::vector<Payment> payments) {
    std::string rows;
    JsonWriter writer{rows};
    writer.begin_array();
    for (Payment& payment : payments) {
        const auto full = complete_payment(books, std::move(payment));
        if (!full) return full.error();
        append_rc_payment(writer, books.around, *full);
    }
    writer.end_array();
    return Result<std::string, StoreError>{boost::system::in_place_value, std::move(rows)};
}

Reply list_payments_reply(const Books& books, const Audience& audience, ListWish wish) {
    if (!wish.customer.empty()) {
        const auto known = known_customer(books, wish.customer);
        if (!known) return rc_refusal(audience, known.error());
        // Nobody whom the store does not know has paid anything.
        if (!*known) return rc_list(audience, count_of(wish.page, 0), "[]");
        wish.filter.customer = (*known)->id;
    }
    auto page = list_payments_by_page(books.connection, wish.filter, wish.page);
    if (!page) return page.error();
    const auto rows = rows_json(books, std::move(page->payments));
    if (!rows) return rows.error();
    return rc_list(audience, count_of(wish.page, page->total), *rows);
}

}  // namespace

Plan get_payments(const Call& call) {
    Filters filters{call};
    const ListWish wish = read_wish(call, filters);
    if (auto refusal = filters.finish()) return std::move(*refusal);
    return ReadPlan{[wish, audience = audience_of(call)](const Books& books) {
        return list_payments_reply(books, audience, wish);
    }};
}

Plan get_payment(const Call& call) {
    const auto id = payment_of(call);
    if (!id) return no_payment_reply(call);
    const PaymentAnswer answer{
        .audience = audience_of(call),
        .form = Form::object,
        .on_failure = PaymentAnswer::OnFailure::show};
    return ReadPlan{[id = *id, answer](const Books& books) -> Reply {
        const auto payment = load_payment(books, id);
        if (!payment) return rc_refusal(answer.audience, payment.error());
        return payment_reply(answer, books.around, *payment);
    }};
}

Plan post_payment(const Call& call) {
    Body body{call};
    const auto input = read_payment_input(call, body);
    if (auto refusal = body.finish()) return std::move(*refusal);
    return plan_of(
        {.answer = {.audience = audience_of(call), .form = input->form, .status = kCreated},
         .run = [input](Work& work) { return carry_out(work, *input); },
         .idempotency_key = input->idempotency_key}
    );
}

}  // namespace postern::payments::rcommerce
