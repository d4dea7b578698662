#include "daemon/endpoint_memory.hpp"

#include "storage/endpoint_repository.hpp"
#include "tests/unit/daemon/api/endpoint_testing.hpp"

namespace postern::daemon {
namespace {

// Another node's memory of the fixture's store.
class EndpointMemoryTest : public EndpointFixture {
 protected:
    void refresh(EndpointId id) {
        const StoreResult read = refresh_endpoint(database_->writer(), {secrets_, others_}, id);
        EXPECT_TRUE(read.has_value());
    }
    void refresh_all() {
        EXPECT_TRUE(refresh_directory(database_->writer(), {secrets_, others_}).has_value());
    }
    EndpointId number_of(const std::string& id) const {
        return *store_->ids.decode<EndpointId>(id);
    }

    dispatch::EndpointDirectory others_;
};

TEST_F(EndpointMemoryTest, LearnsWhatAnotherNodeMadeChangedAndDeleted) {
    const std::string id = created_id();
    const EndpointId number = number_of(id);
    EXPECT_EQ(others_.find(number), nullptr);
    refresh(number);
    ASSERT_NE(others_.find(number), nullptr);
    EXPECT_EQ(others_.find(number)->status, storage::EndpointStatus::enabled);
    EXPECT_EQ(send("POST", at(id, "/disable")).reply.status, 200);
    refresh(number);
    EXPECT_EQ(others_.find(number)->status, storage::EndpointStatus::disabled);
    EXPECT_EQ(send("DELETE", at(id, "")).reply.status, 200);
    refresh(number);
    EXPECT_EQ(others_.find(number), nullptr);
}

TEST_F(EndpointMemoryTest, ReadsAllAgainAfterALongSleep) {
    const EndpointId kept = number_of(created_id());
    const std::string deleted_id = created_id();
    refresh_all();
    EXPECT_EQ(others_.all().size(), 2U);
    EXPECT_EQ(send("DELETE", at(deleted_id, "")).reply.status, 200);
    const EndpointId fresh = number_of(created_id());
    refresh_all();
    EXPECT_EQ(others_.all().size(), 2U);
    EXPECT_NE(others_.find(kept), nullptr);
    EXPECT_NE(others_.find(fresh), nullptr);
    EXPECT_EQ(others_.find(number_of(deleted_id)), nullptr);
}

TEST_F(EndpointMemoryTest, KeepsWhatItKnewWhereSecretsCannotBeOpened) {
    const EndpointId number = number_of(created_id());
    refresh(number);
    const SecretBox foreign{std::string(32, 'x')};
    EXPECT_TRUE(refresh_endpoint(database_->writer(), {foreign, others_}, number).has_value());
    EXPECT_NE(others_.find(number), nullptr);
}

}  // namespace
}  // namespace postern::daemon
