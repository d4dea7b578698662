#pragma once

#include "dispatch/endpoint_directory.hpp"
#include "dispatch/engine.hpp"
#include "net/mailbox.hpp"
#include "net/runtime.hpp"
#include "storage/endpoint_repository.hpp"
#include "storage/event_repository.hpp"
#include "storage/work_unit.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace postern::dispatch {

// Writes the end of an attempt down: the attempt, the delivery's new state, its payment's next
// event, the endpoint's health, and the operational events that follow, in one transaction. The
// ends of a batch are written together, so that what they read is read once.
class RecordUnit final : public storage::WorkUnit, public net::Letter {
 public:
    struct Surroundings {
        EndpointDirectory& endpoints;
        const IdCodec& ids;
        net::IoThread& thread;
    };
    // What is to be written, and who says so: by the time it is, the lane may be another node's.
    struct Told {
        RecordEnd end;
        storage::LaneHolder holder = {};  // this node, where there are several
    };
    struct Outcome {
        std::optional<Recorded> recorded;  // absent: not written
        std::vector<Nudge> nudges;         // of the operational events
        std::shared_ptr<const Endpoint> disabled;
    };
    using OnWritten = std::function<void(const RecordEnd&, const Outcome&)>;

    RecordUnit(Told told, const Surroundings& around, const OnWritten& on_written);

    Result<void, storage::StoreError> run(storage::Transaction& transaction) override;
    void done(Result<storage::Committed, storage::StoreError> result) noexcept override;
    void delivered() noexcept override;  // on the io thread; destroys the unit
    std::size_t weight_bytes() const noexcept override;
    storage::WorkLane lane() const noexcept override { return storage::WorkLane::records; }
    const storage::UnitGroup* group() const noexcept override;

    // Never handed to the writer: the answer comes all the same.
    void fail_unsubmitted();

 private:
    class Group;
    using Units = std::vector<RecordUnit*>;
    // An event that tells the merchant something beyond the delivery itself.
    struct Draft {
        RecordUnit* unit;
        std::string_view type;
        std::string_view reason;
    };

    static Result<void, storage::StoreError>
    run_all(storage::Transaction& transaction, const Units& units);
    Result<void, storage::StoreError> disable_endpoint(storage::Transaction& transaction);
    Result<void, storage::StoreError>
    tell(storage::Transaction& transaction, std::vector<Draft>& drafts);
    storage::EventRow draft_event(const Draft& draft) const;
    Result<bool, storage::StoreError> is_operational(storage::Transaction& transaction) const;
    static Result<void, storage::StoreError>
    create_all(storage::Transaction& transaction, const std::vector<Draft>& drafts);

    RecordEnd order_;
    storage::LaneHolder holder_;
    const Surroundings& around_;
    const OnWritten& on_written_;
    Outcome outcome_;
};

}  // namespace postern::dispatch
