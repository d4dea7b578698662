#include "payments/dialects/onerway/printer.hpp"

#include "payments/records/customer_records.hpp"
#include "payments/records/ledger_records.hpp"
#include "payments/records/money_records.hpp"
#include "payments/records/payment_records.hpp"

#include <utility>

namespace postern::payments::onerway {
namespace {

constexpr std::string_view kDefaultMethod = "default_payment_method";

template <class Write>
std::string json_of(Write write) {
    std::string json;
    JsonWriter writer{json};
    write(writer);
    return json;
}

// Collects what an object's references are to be replaced by. The first failure of the store stays
// and nothing is read after it.
class Expansion {
 public:
    Expansion(const Books& books, const ExpandTree& tree) : books_{books}, tree_{tree} {}

    // `find` reads rows as find_customer does; an object that is gone stays an id.
    template <class Id, class Find>
    void add(std::string_view name, const std::optional<Id>& id, Find find) {
        const ExpandTree* below = tree_.find(name);
        if (below != nullptr && id) add_found(name, *below, find(*id));
    }
    template <class Row>
    void add_found(
        std::string_view name,
        const ExpandTree& below,
        const Result<std::optional<Row>, StoreError>& row
    ) {
        if (error_) return;
        if (!row) {
            error_ = row.error();
        } else if (*row) {
            put(name, Printer{books_}.print(**row, below));
        }
    }
    void put(std::string_view name, Json json) {
        if (!json) {
            if (!error_) error_ = json.error();
        } else if (!json->empty()) {
            expanded_.objects.emplace_back(name, std::move(*json));
        }
    }
    void customer(std::string_view name, const std::optional<CustomerId>& id);
    void method(std::string_view name, const std::optional<PaymentMethodId>& id);
    void charge(std::string_view name, const std::optional<ChargeId>& id);
    void payment(std::string_view name, const std::optional<PaymentId>& id);
    void line(std::string_view name, const std::optional<BalanceTransactionId>& id);
    void transfer(std::string_view name, const std::optional<TransferId>& id);

    const ExpandTree& tree() const { return tree_; }
    const Books& books() const { return books_; }
    // What was collected goes to `write`, unless something could not be read.
    template <class Write>
    Json write_with(Write write) const {
        if (error_) return *error_;
        return json_of([&](JsonWriter& writer) { write(writer, expanded_); });
    }

 private:
    const Books& books_;
    const ExpandTree& tree_;
    Expanded expanded_;
    std::optional<StoreError> error_;
};

void Expansion::customer(std::string_view name, const std::optional<CustomerId>& id) {
    add(name, id, [this](CustomerId which) {
        return find_customer(books_.connection, books_.owner, which);
    });
}

void Expansion::method(std::string_view name, const std::optional<PaymentMethodId>& id) {
    add(name, id, [this](PaymentMethodId which) {
        return find_payment_method(books_.connection, books_.owner, which);
    });
}

void Expansion::charge(std::string_view name, const std::optional<ChargeId>& id) {
    add(name, id, [this](ChargeId which) {
        return find_charge(books_.connection, books_.owner, which);
    });
}

void Expansion::payment(std::string_view name, const std::optional<PaymentId>& id) {
    add(name, id, [this](PaymentId which) {
        return find_payment(books_.connection, books_.owner, which);
    });
}

void Expansion::line(std::string_view name, const std::optional<BalanceTransactionId>& id) {
    add(name, id, [this](BalanceTransactionId which) {
        return find_balance_transaction(books_.connection, books_.owner, which);
    });
}

void Expansion::transfer(std::string_view name, const std::optional<TransferId>& id) {
    add(name, id, [this](TransferId which) {
        return find_transfer(books_.connection, books_.owner, which);
    });
}

// Stripe shows as many; the list behind `url` has them all.
constexpr std::size_t kRefundsShown = 10;

Json refund_list(const Books& books, const Charge& charge, const ExpandTree& below) {
    const auto refunds = refunds_of(books.connection, charge.payment);
    if (!refunds) return refunds.error();
    const ExpandTree* data = below.find("data");
    std::string json = R"({"object":"list","data":[)";
    std::size_t shown = 0;
    std::string_view has_more = "false";
    for (auto refund = refunds->rbegin(); refund != refunds->rend(); ++refund) {
        if (refund->charge != charge.id) continue;
        if (shown == kRefundsShown) {
            has_more = "true";
            break;
        }
        auto printed = Printer{books}.print(*refund, data == nullptr ? ExpandTree{} : *data);
        if (!printed) return printed;
        if (shown++ > 0) json += ',';
        json += *printed;
    }
    json += R"(],"has_more":)";
    json += has_more;
    json += R"(,"url":"/v1/charges/)";
    json += stripe_id(books.around.ids, charge.id);
    json += R"(/refunds"})";
    return json;
}

// Its id, or all of it where that is asked for; empty: the refund gave nothing back.
Json failure_line_of(const Books& books, const Refund& refund, const ExpandTree& expand) {
    if (!gave_back(refund)) return std::string{};
    const std::string source = stripe_id(books.around.ids, refund.id);
    const auto line = find_refund_failure_line(books.connection, books.owner, source);
    if (!line) return line.error();
    if (!*line) return std::string{};
    if (const ExpandTree* below = expand.find(kFailureLine)) {
        return Printer{books}.print(**line, *below);
    }
    return json_of([&](JsonWriter& writer) {
        writer.string(stripe_id(books.around.ids, (*line)->id));
    });
}

// By the prefix of its id.
void add_source(Expansion& expansion, std::string_view source) {
    constexpr std::string_view kName = "source";
    const ExpandTree* below = expansion.tree().find(kName);
    if (below == nullptr) return;
    const Books& books = expansion.books();
    const auto find = [&]<class Id>(const std::optional<Id>& id, auto find_row) {
        if (!id) return;
        expansion.add_found(kName, *below, find_row(books.connection, books.owner, *id));
    };
    const IdCodec& ids = books.around.ids;
    if (source.starts_with("ch_")) find(read_id<ChargeId>(ids, source), find_charge);
    if (source.starts_with("re_")) find(read_id<RefundId>(ids, source), find_refund);
    if (source.starts_with("dp_")) find(read_id<DisputeId>(ids, source), find_dispute);
    if (source.starts_with("po_")) find(read_id<PayoutId>(ids, source), find_payout);
    if (source.starts_with("tr_")) find(read_id<TransferId>(ids, source), find_transfer);
}

}  // namespace

Json Printer::failed_method_of(const Payment& payment) const {
    if (!payment.last_error || !payment.last_error->method) return std::string{};
    const PaymentMethodId failed = *payment.last_error->method;
    const auto method = find_payment_method(books_.connection, books_.owner, failed);
    if (!method) return method.error();
    if (!*method) return std::string{};
    return print(**method);
}

Json Printer::print(const Payment& payment, const ExpandTree& expand) const {
    Expansion expansion{books_, expand};
    expansion.customer("customer", payment.customer);
    expansion.charge("latest_charge", payment.latest_charge);
    expansion.method("payment_method", payment.method);
    expansion.put(kFailedMethod, failed_method_of(payment));
    return expansion.write_with([&](JsonWriter& writer, const Expanded& expanded) {
        append_payment_intent(writer, books_.around, payment, expanded);
    });
}

Json Printer::print_public(const Payment& payment, const ExpandTree& expand) const {
    Expansion expansion{books_, expand};
    expansion.method("payment_method", payment.method);
    expansion.put(kFailedMethod, failed_method_of(payment));
    return expansion.write_with([&](JsonWriter& writer, const Expanded& expanded) {
        append_public_payment_intent(writer, books_.around, payment, expanded);
    });
}

Json Printer::print(const Charge& charge, const ExpandTree& expand) const {
    const auto payment = find_payment(books_.connection, books_.owner, charge.payment);
    if (!payment) return payment.error();
    if (!*payment) return StoreError::failed;  // a charge of a payment that is not there
    Expansion expansion{books_, expand};
    expansion.line("balance_transaction", charge.balance_transaction);
    expansion.customer("customer", charge.customer);
    if (const ExpandTree* below = expand.find("payment_intent")) {
        expansion.put("payment_intent", print(**payment, *below));
    }
    if (const ExpandTree* below = expand.find("refunds")) {
        expansion.put("refunds", refund_list(books_, charge, *below));
    }
    return expansion.write_with([&](JsonWriter& writer, const Expanded& expanded) {
        append_charge(writer, books_.around, charge, **payment, expanded);
    });
}

Json Printer::print(const Refund& refund, const ExpandTree& expand) const {
    const auto charge = find_charge(books_.connection, books_.owner, refund.charge);
    if (!charge) return charge.error();
    Expansion expansion{books_, expand};
    expansion.put(kFailureLine, failure_line_of(books_, refund, expand));
    expansion.line("balance_transaction", refund.balance_transaction);
    expansion.payment("payment_intent", std::optional{refund.payment});
    if (*charge) {
        const Charge& paid = **charge;
        if (const ExpandTree* below = expand.find("charge")) {
            expansion.put("charge", print(paid, *below));
        }
        expansion.customer("customer", paid.customer);
        expansion.method("payment_method", paid.method);
    }
    return expansion.write_with([&](JsonWriter& writer, const Expanded& expanded) {
        append_refund(writer, books_.around, refund, *charge ? &**charge : nullptr, expanded);
    });
}

Json Printer::print(const Dispute& dispute, const ExpandTree& expand) const {
    const auto lines = lines_of(books_.connection, dispute);
    if (!lines) return lines.error();
    Expansion expansion{books_, expand};
    expansion.charge("charge", std::optional{dispute.charge});
    expansion.payment("payment_intent", std::optional{dispute.payment});
    return expansion.write_with([&](JsonWriter& writer, const Expanded& expanded) {
        append_dispute(writer, books_.around, {dispute, *lines, books_.now}, expanded);
    });
}

Json Printer::print(const Customer& customer, const ExpandTree& expand) const {
    Expansion expansion{books_, expand};
    const ExpandTree* settings = expand.find("invoice_settings");
    if (settings != nullptr && customer.default_method) {
        Expansion inner{books_, *settings};
        inner.method(kDefaultMethod, customer.default_method);
        auto method = inner.write_with([](JsonWriter& writer, const Expanded& expanded) {
            writer.raw(expanded.find(kDefaultMethod));
        });
        expansion.put("invoice_settings.default_payment_method", std::move(method));
    }
    return expansion.write_with([&](JsonWriter& writer, const Expanded& expanded) {
        append_customer(writer, books_.around, customer, expanded);
    });
}

Json Printer::print(const PaymentMethod& method, const ExpandTree& expand) const {
    Expansion expansion{books_, expand};
    expansion.customer("customer", method.customer);
    return expansion.write_with([&](JsonWriter& writer, const Expanded& expanded) {
        append_payment_method(writer, books_.around, method, expanded);
    });
}

Json Printer::print(const Payout& payout, const ExpandTree& expand) const {
    Expansion expansion{books_, expand};
    expansion.line("balance_transaction", payout.balance_transaction);
    expansion.line("failure_balance_transaction", payout.failure_transaction);
    return expansion.write_with([&](JsonWriter& writer, const Expanded& expanded) {
        append_payout(writer, books_.around, payout, expanded);
    });
}

Json Printer::print(const Transfer& transfer, const ExpandTree& expand) const {
    const auto reversals = reversals_of(books_.connection, transfer.id);
    if (!reversals) return reversals.error();
    Expansion expansion{books_, expand};
    expansion.line("balance_transaction", transfer.balance_transaction);
    expansion.charge("source_transaction", transfer.source);
    return expansion.write_with([&](JsonWriter& writer, const Expanded& expanded) {
        append_transfer(writer, books_.around, transfer, *reversals, expanded);
    });
}

Json Printer::print(const TransferReversal& reversal, const ExpandTree& expand) const {
    Expansion expansion{books_, expand};
    expansion.line("balance_transaction", reversal.balance_transaction);
    expansion.transfer("transfer", std::optional{reversal.transfer});
    return expansion.write_with([&](JsonWriter& writer, const Expanded& expanded) {
        append_reversal(writer, books_.around, reversal, expanded);
    });
}

Json Printer::print(const BalanceTransaction& line, const ExpandTree& expand) const {
    Expansion expansion{books_, expand};
    add_source(expansion, line.source);
    return expansion.write_with([&](JsonWriter& writer, const Expanded& expanded) {
        append_balance_transaction(writer, books_.around, line, expanded);
    });
}

}  // namespace postern::payments::onerway
