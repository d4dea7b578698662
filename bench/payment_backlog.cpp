// Fills the store of a daemon that is down with payments of the last half year, as a shop leaves
// them: customers who come back, cards, charges, orders, metadata; most of them paid.
//   payment_backlog --data-dir DIR --count 1000000
#include "core/numbers.hpp"
#include "payments/records/customer_records.hpp"
#include "payments/records/money_records.hpp"
#include "payments/records/payment_records.hpp"
#include "storage/account_repository.hpp"
#include "storage/gateway_repository.hpp"
#include "storage/sqlite/sqlite_database.hpp"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace postern::bench {
namespace {

using namespace payments;

constexpr std::int64_t kBatch = 10'000;
constexpr std::int64_t kCustomers = 2'000;
constexpr std::chrono::hours kHalfYear{180 * 24};
constexpr Owner kMerchant{storage::kDefaultAccount, storage::Livemode::test};

[[noreturn]] void fail(const std::string& why) {
    std::fprintf(stderr, "payment_backlog: %s\n", why.c_str());
    std::exit(1);
}

template <class Done>
auto must(Done done, const char* what) {
    if (!done) fail(std::string{"cannot "} + what);
    if constexpr (!std::is_void_v<typename Done::value_type>) return std::move(*done);
}

struct Options {
    std::string data_dir;
    std::int64_t count = 0;
};

Options read_options(int argc, char** argv) {
    std::map<std::string, std::string> given;
    for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
    return {.data_dir = given["--data-dir"], .count = parse_integer(given["--count"]).value_or(0)};
}

class Filler {
 public:
    Filler(storage::Database& database, const Clock& clock)
        : connection_{database.writer()}, begins_at_{clock.now() - kHalfYear} {
        for (const storage::GatewayRow& row :
             must(storage::list_gateways(connection_), "read the gateways"))
            gateways_.push_back(row.number);
        if (gateways_.empty()) fail("the store knows no gateway: start the daemon once");
    }

    void fill(std::int64_t count) {
        in_batch([this](TimePoint now) { add_customers(now); }, begins_at_);
        const Microseconds pause = Microseconds{kHalfYear} / (count + 1);
        for (std::int64_t made = 0; made < count; made += kBatch) {
            const std::int64_t end = std::min(count, made + kBatch);
            const auto add_batch = [this, made, end, pause](TimePoint) {
                for (std::int64_t i = made; i < end; ++i) add(i, begins_at_ + pause * (i + 1));
            };
            in_batch(add_batch, begins_at_);
        }
    }

 private:
    template <class Add>
    void in_batch(Add add_rows, TimePoint now) {
        must(connection_.begin(), "begin");
        add_rows(now);
        must(connection_.commit(), "commit");
        must(connection_.keep_house(storage::Load::idle), "move the log");
    }

    std::int64_t draw(std::int64_t below) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(below));
    }

    void add_customers(TimePoint now) {
        storage::Transaction transaction{{connection_, ids_, now}};
        for (std::int64_t i = 0; i < kCustomers; ++i) {
            Customer customer{.owner = kMerchant};
            customer.email = "customer" + std::to_string(i) + "@example.com";
            must(insert_customer(transaction, customer), "insert a customer");
            customers_.push_back(customer.id);
        }
    }

    // Each moment has its transaction value, so that ids and times grow as they did for the shop.
    void add(std::int64_t number, TimePoint now) {
        storage::Transaction transaction{{connection_, ids_, now}};
        Payment payment = draw_payment(number);
        PaymentMethod method = card_of(payment);
        must(insert_payment_method(transaction, method), "insert a method");
        payment.id = PaymentId{transaction.next_id()};
        Charge charge = charge_of(payment, method);
        charge.id = ChargeId{transaction.next_id()};
        decide_fate(payment, charge, now);
        must(insert_charge(transaction, charge), "insert a charge");
        must(insert_payment(transaction, payment), "insert a payment");
    }

    Payment draw_payment(std::int64_t number) {
        constexpr std::string_view kCurrencies[] = {"usd", "usd", "usd", "eur", "gbp"};
        Payment payment{.owner = kMerchant};
        const auto currency = Currency::parse(kCurrencies[draw(5)]);
        // A few prices make half of the sales.
        payment.amount = {draw(2) == 0 ? 999 + 1'000 * draw(5) : 50 + draw(500'000), *currency};
        payment.gateway = gateways_[static_cast<std::size_t>(draw(std::ssize(gateways_)))];
        if (draw(2) == 0) payment.customer = customers_[static_cast<std::size_t>(draw(kCustomers))];
        payment.order_id = "order_" + std::to_string(number);
        payment.client_secret = "00112233445566778899aabbccddeeff";
        payment.gateway_payment_id = "gw_" + std::to_string(number);
        payment.details.description = "Café supplies";
        payment.details.receipt_email = "jenny.rosen@example.com";
        payment.details.metadata = {
            {"order", std::to_string(number)}, {"shop", std::to_string(number % 100)}};
        return payment;
    }

    static PaymentMethod card_of(const Payment& payment) {
        PaymentMethod method{.owner = kMerchant};
        method.state = PaymentMethod::State::used_up;
        method.card =
            Card{.brand = CardBrand::visa, .last4 = "4242", .exp_month = 12, .exp_year = 2034};
        method.card->fingerprint = "Xt5EWLLDS7FJjR1c";
        method.billing = {.name = "Jenny Rosen", .email = payment.details.receipt_email};
        return method;
    }

    static Charge charge_of(const Payment& payment, const PaymentMethod& method) {
        Charge charge{.owner = kMerchant, .payment = payment.id};
        charge.amount = payment.amount;
        charge.method = method.id;
        charge.card = method.card;
        charge.billing = method.billing;
        charge.customer = payment.customer;
        charge.gateway_charge_id = payment.gateway_payment_id + "_charge";
        return charge;
    }

    // Of a hundred: ninety paid, five declined, three under way, two canceled.
    void decide_fate(Payment& payment, Charge& charge, TimePoint now) {
        const std::int64_t fate = draw(100);
        payment.latest_charge = charge.id;
        payment.method = charge.method;
        if (fate < 90) {
            payment.status = PaymentStatus::succeeded;
            payment.received_minor = payment.amount.minor;
            payment.captured_at = now;
            charge.status = Charge::Status::succeeded;
            charge.captured = Charge::Captured::yes;
            charge.captured_minor = payment.amount.minor;
        } else if (fate < 95) {
            payment.last_error = PaymentError{"card_declined", "generic_decline", "Declined."};
            payment.method.reset();
            charge.status = Charge::Status::failed;
            charge.error = payment.last_error;
        } else if (fate < 98) {
            payment.status = PaymentStatus::processing;
        } else {
            payment.status = PaymentStatus::canceled;
            payment.canceled_at = now;
            charge.status = Charge::Status::failed;
        }
    }

    storage::WriteConnection& connection_;
    TimePoint begins_at_;
    IdGenerator ids_{0, 0};
    std::vector<storage::GatewayNumber> gateways_;
    std::vector<CustomerId> customers_;
    std::mt19937_64 random_{20'260'128};
};

}  // namespace
}  // namespace postern::bench

int main(int argc, char** argv) {
    using namespace postern;
    const auto options = bench::read_options(argc, argv);
    const SystemClock clock;
    storage::SqliteOptions store;
    store.directory = options.data_dir;
    auto database = storage::open_sqlite(std::move(store), clock);
    if (!database) bench::fail(database.error().message);
    bench::Filler{**database, clock}.fill(options.count);
    std::printf("{\"made\":%lld}\n", static_cast<long long>(options.count));
}
