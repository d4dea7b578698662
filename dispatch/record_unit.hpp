#pragma once

#include "dispatch/endpoint_directory.hpp"
#include "dispatch/engine.hpp"
#include "net/mailbox.hpp"
#include "net/runtime.hpp"
#include "storage/work_unit.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace postern::dispatch {

// Writes the end of an attempt down: the attempt, the delivery's new state, its payment's next
// event, the endpoint's health, and the operational events that follow, in one transaction.
class RecordUnit final : public storage::WorkUnit, public net::Letter {
 public:
    struct Surroundings {
        EndpointDirectory& endpoints;
        const IdCodec& ids;
        net::IoThread& thread;
    };
    struct Outcome {
        std::optional<Recorded> recorded;  // absent: not written
        std::vector<Nudge> nudges;         // of the operational events
        std::shared_ptr<const Endpoint> disabled;
    };
    using OnWritten = std::function<void(const RecordEnd&, const Outcome&)>;

    RecordUnit(RecordEnd order, const Surroundings& around, const OnWritten& on_written);

    Result<void, storage::StoreError> run(storage::Transaction& transaction) override;
    void done(Result<storage::Committed, storage::StoreError> result) noexcept override;
    void delivered() noexcept override;  // on the io thread; destroys the unit
    std::size_t weight_bytes() const noexcept override;

    // Never handed to the writer: the answer comes all the same.
    void fail_unsubmitted();

 private:
    Result<void, storage::StoreError> disable_endpoint(storage::Transaction& transaction);
    Result<void, storage::StoreError> tell(storage::Transaction& transaction);
    Result<void, storage::StoreError>
    create(storage::Transaction& transaction, std::string_view type, std::string_view reason);
    Result<bool, storage::StoreError> is_operational(storage::Transaction& transaction) const;

    RecordEnd order_;
    const Surroundings& around_;
    const OnWritten& on_written_;
    Outcome outcome_;
};

}  // namespace postern::dispatch
