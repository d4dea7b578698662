#include "daemon/payment_store.hpp"

#include "daemon/blocking_write.hpp"

namespace postern::daemon {

void PaymentStore::committed(std::vector<dispatch::Nudge> nudges) const {
    if (!nudges.empty()) dispatcher.nudge(std::move(nudges));
    if (on_committed) on_committed();
}

StoreResult write_payments(
    const PaymentStore& store,
    const payments::Surroundings& around,
    const PaymentWork& work
) {
    std::vector<dispatch::Nudge> nudges;
    const WriteWork unit = [&store, &around, &work, &nudges](storage::Transaction& transaction
                           ) -> StoreResult {
        EventWriter events = store.event_writer();
        payments::Work payment_work{
            .transaction = transaction,
            .around = around,
            .events = events,
            .owner = {},
            .request = {}};
        const StoreResult done = work(payment_work);
        nudges = events.take_nudges();
        return done;
    };
    const WriteResult written = write_and_wait(store.store.writer, unit);
    if (!written) return written.error();
    store.committed(std::move(nudges));
    return {};
}

}  // namespace postern::daemon
