import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("house", "0005_due_by_role"),
    ]

    operations = [
        migrations.CreateModel(
            name="Promise",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("sector", models.CharField(max_length=40)),
                ("owner", models.CharField(max_length=120)),
                ("what", models.JSONField()),
                ("said_on", models.DateField()),
                ("due_on", models.DateField()),
                ("kept_on", models.DateField(null=True)),
                ("shown_by", models.CharField(default="", max_length=300)),
                ("dropped_on", models.DateField(null=True)),
                ("dropped_why", models.CharField(default="", max_length=20)),
                ("asked_on", models.DateField(null=True)),
                ("reply", models.JSONField(default=dict)),
                ("replied_on", models.DateField(null=True)),
                ("written_at", models.DateTimeField()),
                ("written_by", models.UUIDField(null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="house.organisation"
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="house.place"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organisation", "due_on"], name="promise_due")],
            },
        ),
    ]
